internal import RelayLimits
internal import RelayWire

extension SocketLoop {
    /// Reads from many of those that are ready with one call, if they are enough.
    func readBatch(_ range: Range<Int>) {
        guard range.count >= settings.fewestCallsPerBatch, var ring = writer.takeRing() else { return }
        do throws(SystemError) {
            let isRead = try reader.readBatch(
                range, of: poller, in: table, fewest: settings.fewestCallsPerBatch, with: &ring)
            if isRead { counters.receiveBatches.add(1) }
            writer.giveBack(ring)
        } catch {
            leaveRing(because: error)
        }
    }

    /// - Parameter arrival: what has been read already.
    func becameReadable(_ connection: Connection<Handler>, _ arrival: ReceiveBatch.Arrival? = nil) {
        // Its descriptor's number may be another connection's by now.
        guard connection.phase != .closed, !connection.reading.isLeaving else { return }
        guard connection.phase != .closing else {
            let outcome =
                unsafe arrival?.outcome
                ?? Socket.read(connection.descriptor, into: reader.bytes(TransportSettings.readBytes))
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
        case .throttled, .parked: closeLater(connection, .abort)
        case .moving, .ending: break
        }
    }

    private func take(_ arrival: ReceiveBatch.Arrival, of connection: Connection<Handler>) {
        guard let count = note(arrival.outcome, of: connection) else { return }
        unsafe workThrough(UnsafeMutableRawBufferPointer(rebasing: arrival.space[..<count]), of: connection)
    }

    /// The common way: into the loop's buffer, behind the little that was left of the last read.
    private func readThroughLoopBuffer(_ connection: Connection<Handler>) {
        let rest = connection.input.count
        guard let count = note(reader.read(connection), of: connection) else { return }
        unsafe workThrough(reader.bytes(rest + count), of: connection)
    }

    /// A large frame or message: behind what has arrived of it, without another copy.
    private func readBehindRest(_ connection: Connection<Handler>) {
        let space = unsafe connection.input.space(atLeast: TransportSettings.readBytes / 4)
        let bounded = unsafe UnsafeMutableRawBufferPointer(
            rebasing: space[..<min(space.count, TransportSettings.readBytes)])
        guard let count = note(unsafe Socket.read(connection.descriptor, into: bounded), of: connection) else { return }
        connection.input.grow(by: count)
        workOff(connection)
    }

    /// Takes note of what has become of reading.
    ///
    /// - Returns: how many bytes came; nil if none, in which case the connection has been dealt with.
    private func note(_ outcome: Socket.ReadOutcome, of connection: Connection<Handler>) -> Int? {
        switch outcome {
        case .bytes(let count):
            if count >= ReceiveBatch.bytesEach {
                connection.flags.insert(.sendsMuch)
            } else {
                connection.flags.remove(.sendsMuch)
            }
            connection.times.bytesArrived(at: now)
            counters.bytesReceived.add(count)
            return count
        case .wouldBlock:
            return nil
        case .ended where connection.phase == .http:
            // It may have closed only its sending half, and wait for its answers.
            connection.flags.insert(.hasEndedInput)
            closeLater(connection, .finish)
            return nil
        case .ended, .failed:
            closeLater(connection, .abort)
            return nil
        }
    }

    private func discard(_ outcome: Socket.ReadOutcome, of connection: Connection<Handler>) {
        switch outcome {
        case .bytes(let count): counters.bytesReceived.add(count)
        case .wouldBlock: break
        case .ended where !connection.output.isEmpty:
            // The peer has said its last word but may still read ours.
            connection.flags.insert(.hasEndedInput)
            unwatch(connection, for: .readable)
        case .ended, .failed: tearDown(connection)
        }
    }

    // MARK: Handling what has been read

    /// Handles bytes in memory that others will need soon, and keeps a copy of what is left of them.
    private func workThrough(_ bytes: UnsafeMutableRawBufferPointer, of connection: Connection<Handler>) {
        let work = unsafe work(through: bytes, of: connection)
        if connection.phase != .closed {
            unsafe connection.input.replace(with: UnsafeRawBufferPointer(rebasing: bytes[work.consumed...]))
        }
        finish(work, of: connection)
    }

    /// Handles what a connection has sent and nobody has looked at yet.
    func workOff(_ connection: Connection<Handler>) {
        guard connection.reading == .open, !connection.input.isEmpty else { return }
        guard connection.phase == .http || connection.phase == .webSocket else { return }
        let work = unsafe work(through: connection.input.bytes, of: connection)
        connection.input.consume(work.consumed)
        finish(work, of: connection)
    }

    /// Handles what was read before this turn, or by another loop, so that its wait is seen.
    func workOffLate(_ connection: Connection<Handler>) {
        let before = clock.handledMessages
        let readAt = connection.times.lastReadAt
        workOff(connection)
        clock.delay(messagesSince: before, readAt: readAt)
    }

    /// Goes on with those whose share of the last turn was used up.
    func resumeDeferred() {
        guard reader.hasDeferred else { return }
        var unserved: Set<ConnectionKey> = []
        for key in reader.takeDeferred() {
            guard let connection = table[key], connection.reading == .deferred else { continue }
            connection.reading = .open
            let before = connection.input.count
            workOffLate(connection)
            if connection.reading == .deferred, connection.input.count == before { unserved.insert(key) }
            processExits()
        }
        reader.deferFirst(unserved)
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
            case move(toLoop: Int, payload: Handler.Payload)
            /// The answer to what comes next needs something from outside the loop.
            case park(Parking<Handler>)
        }
    }

    /// Handles whole requests and frames, phase after phase, until none is left or something else must happen first.
    private func work(through bytes: UnsafeMutableRawBufferPointer, of connection: Connection<Handler>) -> Work {
        var work = Work()
        var span = unsafe MutableSpan<UInt8>(_unsafeBytes: bytes)
        if connection.phase == .http { answerRequests(in: &span, of: connection, &work) }
        if connection.phase == .webSocket, case .read = work.next { receiveFrames(in: &span, of: connection, &work) }
        return work
    }

    func finish(_ work: Work, of connection: Connection<Handler>) {
        guard !connection.reading.isLeaving, connection.phase != .closed else { return }
        if connection.phase == .http { noteRequestProgress(connection, didAnswer: work.hasAnswered) }
        switch work.next {
        case .read:
            break
        case .yield:
            connection.reading = .deferred
            reader.deferRest(of: connection.key)
        case .pause:
            throttle(connection)
        case .move(let target, let payload):
            connection.reading = .moving
            exits.add(.move(toLoop: target, payload: payload), of: connection)
        case .park(let parking):
            park(connection, parking)
        }
        recount(connection)
    }

    /// Stops reading until the bucket has filled a little; nothing is lost, the peer's kernel waits.
    private func throttle(_ connection: Connection<Handler>) {
        limitExceeded(.messagesPerSecond)
        connection.reading = .throttled
        unwatch(connection, for: .readable)
        let rest = connection.bucket.nanosecondsUntilReady(at: reader.rate, now: now)
        timers.set(.resume(connection.key), at: now + max(rest, TransportSettings.shortestPause))
    }

    func resume(_ connection: Connection<Handler>) {
        guard connection.reading == .throttled else { return }
        connection.reading = .open
        connection.times.waitEnded(at: now)
        watch(connection, for: .readable)
        workOff(connection)
    }
}
