internal import RelayLimits
internal import RelayWire

extension SocketLoop {
    /// Reads from the ready connections with one call, if there are enough of them.
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

    /// - Parameters:
    ///   - arrival: the bytes that a batch has read already.
    ///   - isHangUp: true if the peer has gone, or closed its sending side where that is watched.
    func becameReadable(
        _ connection: Connection<Handler>, _ arrival: ReceiveBatch.Arrival? = nil, isHangUp: Bool = false
    ) {
        connection.assertOwned(by: self)
        // Another connection may have its descriptor by now.
        guard connection.phase != .closed, !connection.reading.isLeaving else { return }
        guard connection.phase != .closing else {
            let outcome =
                unsafe arrival?.outcome
                ?? Socket.read(connection.descriptor, into: reader.bytes(TransportSettings.readBytes))
            return discard(outcome, of: connection)
        }
        if let arrival { return take(arrival, of: connection) }
        switch connection.reading {
        case .open where waitsForBulk(connection): break
        // Those whose steps are cheap go first.
        case .open where connection.flags.contains(.isCostly): deferRest(of: connection)
        case .open: read(connection)
        // Its earlier input is handled first; the socket stays readable.
        case .deferred: break
        // A client that closes its side while it waits for an answer counts as gone. Bytes may have been reported before
        // the reading stopped.
        case .throttled, .stalled, .parked: if isHangUp { closeLater(connection, .abort) }
        case .held: if isHangUp { endHeld(connection) }
        case .moving, .ending: break
        }
    }

    @inline(__always)
    private func read(_ connection: Connection<Handler>) {
        if connection.input.count > TransportSettings.copiedRestBytes {
            readBehindRest(connection)
        } else {
            readThroughLoopBuffer(connection)
        }
    }

    private func take(_ arrival: ReceiveBatch.Arrival, of connection: Connection<Handler>) {
        guard let count = note(arrival.outcome, of: connection) else { return }
        unsafe workThrough(UnsafeMutableRawBufferPointer(rebasing: arrival.space[..<count]), of: connection)
    }

    /// Reads the usual way: into the loop's buffer, behind the rest of the last read.
    private func readThroughLoopBuffer(_ connection: Connection<Handler>) {
        let rest = connection.input.count
        guard let count = note(reader.read(connection, atMost: share.bytes), of: connection) else { return }
        unsafe workThrough(reader.bytes(rest + count), of: connection)
    }

    /// Reads more of a large frame, behind the part that has arrived, without another copy.
    private func readBehindRest(_ connection: Connection<Handler>) {
        let space = unsafe connection.spaceBehindInput
        let bounded = unsafe UnsafeMutableRawBufferPointer(
            rebasing: space[..<min(space.count, share.bytes)])
        guard let count = note(unsafe Socket.read(connection.descriptor, into: bounded), of: connection) else { return }
        connection.input.grow(by: count)
        workOff(connection)
    }

    /// Records the outcome of a read.
    ///
    /// - Returns: the number of bytes; nil if there are none, in which case nothing is left to do.
    func note(_ outcome: Socket.ReadOutcome, of connection: Connection<Handler>) -> Int? {
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
            // It may have closed only its sending side, and wait for its answers.
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
            // The peer has closed its sending side but may still read.
            connection.flags.insert(.hasEndedInput)
            unwatch(connection, for: .readable)
        case .ended, .failed: tearDown(connection)
        }
    }

    // MARK: Handling what has been read

    /// Handles bytes in shared memory, and keeps a copy of the rest.
    private func workThrough(_ bytes: UnsafeMutableRawBufferPointer, of connection: Connection<Handler>) {
        let work = unsafe work(through: bytes, of: connection)
        if connection.phase != .closed {
            unsafe connection.keep(UnsafeRawBufferPointer(rebasing: bytes[work.consumed...]))
        }
        finish(work, of: connection)
    }

    /// Handles a connection's buffered input.
    func workOff(_ connection: Connection<Handler>) {
        guard connection.reading == .open, !connection.input.isEmpty else { return }
        guard connection.phase == .http || connection.phase == .webSocket else { return }
        let work = unsafe work(through: connection.input.bytes, of: connection)
        connection.input.consume(work.consumed)
        finish(work, of: connection)
    }

    /// Handles input that was read before this turn, or by another loop, and counts its delay.
    func countingDelay(of connection: Connection<Handler>, _ handle: () -> Void) {
        let before = clock.handledMessages
        let readAt = connection.times.lastReadAt
        handle()
        clock.delay(messagesSince: before, readAt: readAt)
    }

    /// Continues with the connections whose share of the last turn was used up, for a share of this turn at most.
    func resumeDeferred() {
        guard reader.hasDeferred else { return }
        var unserved: [ConnectionKey] = []
        for key in reader.takeDeferred() {
            guard let connection = table[key], connection.reading == .deferred else { continue }
            guard !clock.isTwoThirdsSpent, !waitsForBulk(connection) else {
                unserved.append(key)
                continue
            }
            let before = connection.input.count
            resume(deferred: connection)
            if connection.reading == .deferred, connection.input.count == before { unserved.append(key) }
            finishStep()
        }
        reader.deferFirst(unserved)
    }

    private func resume(deferred connection: Connection<Handler>) {
        connection.reading = .open
        guard connection.input.isEmpty else { return countingDelay(of: connection) { workOff(connection) } }
        if connection.phase == .http || connection.phase == .webSocket { read(connection) }
    }

    /// True if what it sends must wait until large output of earlier turns has left: its receivers would seem slow,
    /// though it is the loop that is.
    private func waitsForBulk(_ connection: Connection<Handler>) -> Bool {
        writer.hasBulk && connection.flags.contains(.sendsMuch)
    }

    /// Keeps bytes that a batch has read, and that this turn has no time for.
    func keep(_ arrival: ReceiveBatch.Arrival, of connection: Connection<Handler>) {
        guard connection.phase == .webSocket, connection.reading == .open else {
            return becameReadable(connection, arrival)
        }
        guard let count = note(arrival.outcome, of: connection) else { return }
        unsafe connection.keep(UnsafeRawBufferPointer(rebasing: arrival.space[..<count]))
        finish(Work(next: .yield), of: connection)
    }

    /// The progress made with a connection's input.
    struct Work {
        var consumed = 0
        /// True if the rate of frames does not count.
        var isDraining = false
        /// True if a request has been answered.
        var hasAnswered = false
        /// True if it has caused sends.
        var hasSent = false
        var next = Next.read

        enum Next {
            /// Read on: the rest, if any, is incomplete.
            case read
            /// Its share of the turn is used up; the rest waits for the next turn.
            case yield
            /// It is above its message rate; the rest waits until its bucket has filled.
            case pause
            /// It does not read its answers; the rest waits until they have left.
            case stall
            case move(toLoop: Int, payload: Handler.Payload)
            /// Its request waits for a lookup.
            case park(Parking<Handler>)
        }
    }

    /// Handles complete requests and frames, phase after phase, until none is left or something else must happen first.
    ///
    /// - Parameter isDraining: true for all that has been sent, at whatever rate.
    func work(
        through bytes: UnsafeMutableRawBufferPointer, of connection: Connection<Handler>, isDraining: Bool = false
    ) -> Work {
        var work = Work(isDraining: isDraining)
        var span = unsafe MutableSpan<UInt8>(_unsafeBytes: bytes)
        let before = writer.queuedFrames
        if connection.phase == .http { answerRequests(in: &span, of: connection, &work) }
        if connection.phase == .webSocket, case .read = work.next { receiveFrames(in: &span, of: connection, &work) }
        work.hasSent = writer.queuedFrames > before
        if writer.queuedFrames - before >= TransportSettings.sendsPerCostlyStep {
            connection.flags.insert(.isCostly)
        } else {
            connection.flags.remove(.isCostly)
        }
        return work
    }

    func finish(_ work: Work, of connection: Connection<Handler>) {
        guard !connection.reading.isLeaving, connection.phase != .closed else { return }
        if connection.phase == .http { noteRequestProgress(connection, didAnswer: work.hasAnswered) }
        switch work.next {
        case .read:
            break
        case .yield:
            deferRest(of: connection)
        case .pause:
            limitExceeded(.messagesPerSecond)
            pause(connection, for: connection.bucket.nanosecondsUntilReady(at: reader.rate, now: now))
        case .stall:
            stall(connection)
        case .move(let target, let payload):
            connection.reading = .moving
            exits.add(.move(toLoop: target, payload: payload), of: connection)
        case .park(let parking):
            park(connection, parking)
        }
        recount(connection)
        if work.hasSent { pauseForReceivers(of: connection) }
    }
}
