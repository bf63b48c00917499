internal import RelayLimits
internal import RelayWire

extension SocketLoop {
    /// Queues whole frames for a WebSocket; they are sent together, at the end of the turn at the latest.
    ///
    /// - Parameter frames: may be reused by the caller as soon as this returns.
    @inline(__always)
    package func send(_ frames: UnsafeRawBufferPointer, to connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase == .webSocket else { return }
        writer.frameQueued()
        if unsafe writer.queue(frames, to: connection) { flush() }
    }

    /// The same for one whole frame of this length that is for nobody else: `write` writes it where it is sent from.
    @inline(__always)
    package func send(length: Int, to connection: Connection<Handler>, _ write: (inout MutableRawSpan) -> Void) {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase == .webSocket else { return }
        writer.frameQueued()
        if writer.queue(length: length, to: connection, write) { flush() }
    }

    /// Offers a large frame to the kernel without a copy; the part that it does not accept waits in the copy that all
    /// receivers share.
    package func send(_ frame: inout LargeFrame, to connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase == .webSocket else { return }
        writer.frameQueued()
        offer(&frame, to: connection, isLatest: false)
    }

    /// Sends a frame that makes those before it obsolete, such as a room's snapshot. For whoever takes the latest only, it
    /// gets the place of the one before it, unless that has begun to leave.
    ///
    /// - Returns: false if it has replaced another one, or goes nowhere.
    @inline(__always)
    package func sendLatest(_ frame: inout LargeFrame, to connection: Connection<Handler>) -> Bool {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase == .webSocket else { return false }
        writer.frameQueued()
        let isLatest = connection.flags.contains(.takesLatest)
        if isLatest, connection.output.hasLatest {
            replaceLatest(with: &frame, of: connection)
            return false
        }
        guard frame.count < TransportSettings.sharedBytes else {
            offer(&frame, to: connection, isLatest: isLatest)
            return true
        }
        let isFull =
            unsafe isLatest
            ? writer.queueLatest(frame.bytes, to: connection) : writer.queue(frame.bytes, to: connection)
        if isFull { flush() }
        return true
    }

    /// Spares a connection, from now on, the frames that are obsolete before they begin to leave.
    package func skipObsoleteFrames(to connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        connection.flags.insert(.takesLatest)
    }

    private func replaceLatest(with frame: inout LargeFrame, of connection: Connection<Handler>) {
        let before = counters.bufferedBytes.current
        connection.output.replaceLatest(with: frame.share(countedIn: counters))
        recountShared(before: before)
        noteQueue(of: connection)
    }

    private func offer(_ frame: inout LargeFrame, to connection: Connection<Handler>, isLatest: Bool) {
        var sent = 0
        if connection.output.isEmpty, writer.hasBulkBudget {
            switch unsafe Socket.write(connection.descriptor, frame.firstSend) {
            case .accepted(let count): sent = count
            case .failed: return closeLater(connection, .abort)
            }
            writer.bulkSent(sent)
            countSend(of: sent)
            guard sent < frame.count else { return }
            if sent < TransportSettings.mostBytesPerSend { watch(connection, for: .writable) }
        }
        let fullBytes = settings.maxQueuedBytes > 0 ? settings.maxQueuedBytes / 2 : .max
        writer.queue(
            frame.share(countedIn: counters), sent: sent, isLatest: isLatest && sent == 0, to: connection,
            fullBytes: fullBytes)
        if !connection.interest.contains(.writable) { writer.markBulk(connection) }
        noteQueue(of: connection)
    }

    /// Sends the output queued since the last flush, once to each connection.
    func flush() {
        if writer.sendsInBatches { flushInBatches() }
        while let next = unsafe writer.takeDirty() {
            // The table keeps it until the end of the turn, also if it has closed.
            unsafe next._withUnsafeGuaranteedRef { flush($0) }
        }
        writer.endFlush()
    }

    /// Sends the queued output in batches as large as the ring takes; if the ring fails, the rest is sent one by one.
    private func flushInBatches() {
        repeat {
            while writer.hasRoomInBatch, let next = unsafe writer.takeDirty() {
                unsafe next._withUnsafeGuaranteedRef { if takesOutput($0) { writer.addToBatch($0) } }
            }
            guard writer.batchCount > 0 else { return }
            let failure = writer.submitBatch()
            if failure == nil { counters.sendBatches.add(1) }
            noteBatch()
            if let failure { return leaveRing(because: failure) }
        } while writer.hasDirty
    }

    /// Records the outcomes of a batch. None of them closes another connection at once: closes wait until after the
    /// flush.
    private func noteBatch() {
        for place in 0..<writer.batchCount {
            let (connection, outcome) = unsafe writer.batchOutcome(place)
            unsafe connection._withUnsafeGuaranteedRef { connection in
                if let outcome { note(outcome, of: connection) } else { push(connection) }
            }
        }
        writer.endBatch()
    }

    func leaveRing(because failure: SystemError) {
        writer.dropRing()
        counters.ring.add(-1)
        log.ringFailed(because: failure)
    }

    /// Sends the queued output, unless the kernel accepts nothing for now.
    private func flush(_ connection: Connection<Handler>) {
        if takesOutput(connection) { push(connection) }
    }

    /// True if there is output, the kernel may accept it, and it is not bulk, which has its own time.
    private func takesOutput(_ connection: Connection<Handler>) -> Bool {
        guard !connection.output.isEmpty, connection.phase != .closed else { return false }
        guard connection.interest.contains(.writable) else { return !connection.flags.contains(.isBulk) }
        noteQueue(of: connection)
        return false
    }

    func becameWritable(_ connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard connection.phase != .closed, !connection.output.isEmpty else { return }
        guard connection.output.count <= TransportSettings.bulkBytes else { return writer.markBulk(connection) }
        push(connection)
    }

    /// Sends bulk output, one send for each connection after the other, until this turn's share is used up.
    func flushBulk() {
        while writer.hasBulkBudget, let key = writer.takeBulk() {
            guard let connection = table[key] else { continue }
            connection.flags.remove(.isBulk)
            guard !connection.output.isEmpty, connection.phase != .closed else { continue }
            writer.bulkSent(push(connection))
        }
    }

    /// - Returns: the number of bytes that the kernel has accepted.
    @discardableResult
    private func push(_ connection: Connection<Handler>) -> Int {
        let outcome = unsafe Socket.write(connection.descriptor, connection.output.nextSend)
        note(outcome, of: connection)
        guard case .accepted(let count) = outcome else { return 0 }
        return count
    }

    /// Acts on the outcome of a send of the next output.
    private func note(_ outcome: Socket.WriteOutcome, of connection: Connection<Handler>) {
        switch outcome {
        case .accepted(let count):
            countSend(of: count)
            let isWhole = unsafe count == connection.output.nextSend.count
            writer.sent(count, of: connection)
            if connection.output.isEmpty {
                unwatch(connection, for: .writable)
                connection.gauges.countQueue(0, in: counters)
                if connection.gauges.bufferedBytes > 0 { recount(connection) }
                if connection.phase == .closing { sentLastByte(connection) } else { outputLeft(connection) }
            } else if isWhole {
                writer.markBulk(connection)
                noteQueue(of: connection)
            } else {
                watch(connection, for: .writable)
                noteQueue(of: connection)
            }
        case .failed:
            connection.phase == .closing ? tearDown(connection) : closeLater(connection, .abort)
        }
    }

    private func countSend(of count: Int) {
        guard count > 0 else { return }
        counters.sends.add(1)
        counters.bytesSent.add(count)
    }

    /// Enforces the limit of a slow reader, and that of the process: a reader that is too slow loses its connection,
    /// never single messages.
    private func noteQueue(of connection: Connection<Handler>) {
        connection.gauges.countQueue(connection.refusedBytes, in: counters)
        recount(connection)
        guard settings.maxQueuedBytes > 0, connection.refusedBytes > settings.maxQueuedBytes else { return }
        guard connection.phase != .closing, connection.reading != .ending else { return }
        limitExceeded(.queuedBytes)
        closeLater(connection, connection.phase == .webSocket ? .close(.tooSlow, reason: "too slow") : .abort)
    }

    func watch(_ connection: Connection<Handler>, for added: Interest) {
        setInterest(connection.interest.union(added), of: connection)
    }

    func unwatch(_ connection: Connection<Handler>, for removed: Interest) {
        setInterest(connection.interest.subtracting(removed), of: connection)
    }

    /// Watches a connection for these events. One that the kernel refuses to watch is closed: nothing would wake it up.
    func setInterest(_ interest: Interest, of connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard interest != connection.interest, connection.phase != .closed else { return }
        connection.interest = interest
        do throws(SystemError) {
            try poller.modify(connection.descriptor, for: .connection(connection.key), interest: interest)
        } catch {
            log.kernelFailed(because: error, now: now)
            abortLater(connection)
        }
    }
}
