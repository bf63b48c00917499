internal import RelayCore
internal import RelayWire

extension SocketLoop {
    /// - Parameter arrival: what has been read already.
    func becameReadable(_ connection: Connection, _ arrival: ReadAhead.Arrival? = nil) {
        // Its descriptor's number may be another connection's by now.
        guard connection.phase != .closed, !connection.reading.isLeaving else { return }
        guard connection.phase != .closing else {
            let outcome = unsafe arrival?.outcome ?? Socket.read(connection.descriptor, into: readBuffer)
            return discard(outcome, of: connection)
        }
        if let arrival { return take(arrival, of: connection) }
        switch connection.reading {
        case .open where connection.input.count > TransportSettings.copiedRestBytes: readBehindRest(connection)
        case .open: readThroughLoopBuffer(connection)
        // What it has sent before is handled first; the socket stays readable.
        case .deferred: break
        // Not watched for bytes, so this is a reset, or the client has hung up: whoever closes its side before an answer
        // that takes a while is as good as gone.
        case .throttled, .parked: doom(connection, .abort)
        case .moving, .ending: break
        }
    }

    private func take(_ arrival: ReadAhead.Arrival, of connection: Connection) {
        guard let count = note(arrival.outcome, of: connection) else { return }
        unsafe workThrough(UnsafeMutableRawBufferPointer(rebasing: arrival.space[..<count]), of: connection)
    }

    /// The common way: into the loop's buffer, behind the little that was left of the last read.
    private func readThroughLoopBuffer(_ connection: Connection) {
        let rest = connection.input.count
        if rest > 0 { unsafe readBuffer.copyMemory(from: UnsafeRawBufferPointer(connection.input.bytes)) }
        let space = unsafe UnsafeMutableRawBufferPointer(rebasing: readBuffer[rest...])
        guard let count = unsafe read(connection, into: space) else { return }
        unsafe workThrough(UnsafeMutableRawBufferPointer(rebasing: readBuffer[..<(rest + count)]), of: connection)
    }

    /// Handles bytes in memory that others will need soon, and keeps a copy of what is left of them.
    private func workThrough(_ bytes: UnsafeMutableRawBufferPointer, of connection: Connection) {
        let work = unsafe work(through: bytes, of: connection)
        if connection.phase != .closed {
            unsafe connection.input.replace(with: UnsafeRawBufferPointer(rebasing: bytes[work.consumed...]))
        }
        finish(work, of: connection)
    }

    /// A large frame or message: behind what has arrived of it, without another copy.
    private func readBehindRest(_ connection: Connection) {
        let space = unsafe connection.input.space(atLeast: TransportSettings.readBytes / 4)
        let bounded = unsafe UnsafeMutableRawBufferPointer(
            rebasing: space[..<min(space.count, TransportSettings.readBytes)])
        guard let count = unsafe read(connection, into: bounded) else { return }
        connection.input.grow(by: count)
        workOff(connection)
    }

    /// Handles what a connection has sent and nobody has looked at yet.
    func workOff(_ connection: Connection) {
        guard connection.reading == .open, !connection.input.isEmpty else { return }
        guard connection.phase == .http || connection.phase == .webSocket else { return }
        let work = unsafe work(through: connection.input.bytes, of: connection)
        connection.input.consume(work.consumed)
        finish(work, of: connection)
    }

    func workOffBacklog() {
        guard !backlog.isEmpty else { return }
        let keys = backlog
        backlog.removeAll(keepingCapacity: true)
        var waiting: [ConnectionKey] = []
        for key in keys {
            guard let connection = connection(key), connection.reading == .deferred else { continue }
            connection.reading = .open
            let before = connection.input.count
            workOffLate(connection)
            // Who got nothing because the turn's share was used up comes first in the next one.
            if connection.reading == .deferred, connection.input.count == before {
                waiting.append(backlog.removeLast())
            }
            reap()
        }
        backlog.insert(contentsOf: waiting, at: 0)
    }

    /// - Returns: how many bytes came; nil if none, in which case the connection has been dealt with.
    private func read(_ connection: Connection, into space: UnsafeMutableRawBufferPointer) -> Int? {
        note(unsafe Socket.read(connection.descriptor, into: space), of: connection)
    }

    /// What became of reading.
    private func note(_ outcome: Socket.ReadOutcome, of connection: Connection) -> Int? {
        switch outcome {
        case .bytes(let count):
            connection.sendsMuch = count >= ReadAhead.bytesEach
            connection.heardAt = now
            connection.pingedAt = 0
            counters.bytesReceived.add(count)
            return count
        case .wouldBlock:
            return nil
        case .ended where connection.phase == .http:
            // It may have closed only its sending half, and wait for its answers.
            connection.isInputDone = true
            doom(connection, .finish)
            return nil
        case .ended, .failed:
            doom(connection, .abort)
            return nil
        }
    }

    private func discard(_ outcome: Socket.ReadOutcome, of connection: Connection) {
        switch outcome {
        case .bytes(let count): counters.bytesReceived.add(count)
        case .wouldBlock: break
        case .ended where !connection.output.isEmpty:
            // The peer has said its last word but may still read ours.
            connection.isInputDone = true
            unwatch(connection, for: .readable)
        case .ended, .failed: tearDown(connection)
        }
    }

    /// What became of the bytes that a connection sent.
    struct Work {
        var consumed = 0
        /// Whether a request has been dealt with.
        var hasAnswered = false
        var next = Next.read

        enum Next {
            /// The rest, if any, is the start of something: read on.
            case read
            /// It has had its turn; the rest waits for the next.
            case yield
            /// It is above its rate; the rest waits until then.
            case pause
            case move(toLoop: Int, cargo: any ConnectionCargo)
            /// The answer to what comes next needs something from outside the loop.
            case park(Parking)
        }
    }

    /// Handles whole requests and frames, phase after phase, until none is left or something else must happen first.
    private func work(through bytes: UnsafeMutableRawBufferPointer, of connection: Connection) -> Work {
        var work = Work()
        var span = unsafe MutableSpan<UInt8>(_unsafeBytes: bytes)
        if connection.phase == .http { answerRequests(in: &span, of: connection, &work) }
        if connection.phase == .webSocket, case .read = work.next { receiveFrames(in: &span, of: connection, &work) }
        return work
    }

    func finish(_ work: Work, of connection: Connection) {
        guard !connection.reading.isLeaving, connection.phase != .closed else { return }
        if connection.phase == .http { noteRequestProgress(connection, didAnswer: work.hasAnswered) }
        switch work.next {
        case .read:
            break
        case .yield:
            connection.reading = .deferred
            backlog.append(connection.key)
        case .pause:
            pause(connection)
        case .move(let target, let cargo):
            connection.reading = .moving
            exits.add(.move(toLoop: target, cargo: cargo), of: connection)
        case .park(let parking):
            park(connection, parking)
        }
        recount(connection)
    }

    /// Stops reading until the bucket has filled a little; nothing is lost, the peer's kernel waits.
    private func pause(_ connection: Connection) {
        struck(.messagesPerSecond)
        connection.reading = .throttled
        unwatch(connection, for: .readable)
        let rest = connection.bucket.nanosecondsUntilReady(at: rate, now: now)
        timers.set(.resume(connection.key), at: now + max(rest, TransportSettings.shortestPause))
    }

    func resume(_ connection: Connection) {
        guard connection.reading == .throttled else { return }
        connection.reading = .open
        connection.heardAt = now
        watch(connection, for: .readable)
        workOff(connection)
    }
}
