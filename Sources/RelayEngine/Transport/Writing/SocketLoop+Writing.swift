internal import RelayLimits
internal import RelayWire

extension SocketLoop {
    /// Queues whole frames for a WebSocket; they are sent together, at the end of the turn at the latest. Large ones
    /// are sent at once.
    ///
    /// - Parameter frames: may be reused by the caller as soon as this returns.
    @inline(__always)
    package func send(_ frames: UnsafeRawBufferPointer, to connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase == .webSocket else { return }
        writer.frameQueued()
        if frames.count >= TransportSettings.directBytes {
            return unsafe sendDirectly(frames, to: connection)
        }
        if unsafe writer.queue(frames, to: connection) { flush() }
    }

    /// Offers a large frame to the kernel without a copy; the part that it does not accept is queued.
    private func sendDirectly(_ frame: UnsafeRawBufferPointer, to connection: Connection<Handler>) {
        if !connection.output.isEmpty, !connection.interest.contains(.writable) { flush(connection) }
        guard connection.reading != .ending else { return }
        guard connection.output.isEmpty else {
            unsafe writer.queueBehind(frame, to: connection)
            return noteQueue(of: connection)
        }
        switch unsafe Socket.write(connection.descriptor, frame) {
        case .accepted(let count):
            countSend(of: count)
            guard count < frame.count else { return }
            unsafe writer.queueRest(UnsafeRawBufferPointer(rebasing: frame[count...]), to: connection)
            watch(connection, for: .writable)
            noteQueue(of: connection)
        case .failed:
            closeLater(connection, .abort)
        }
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

    /// True if there is output, and the kernel may accept it.
    private func takesOutput(_ connection: Connection<Handler>) -> Bool {
        guard !connection.output.isEmpty, connection.phase != .closed else { return false }
        guard connection.interest.contains(.writable) else { return true }
        noteQueue(of: connection)
        return false
    }

    func becameWritable(_ connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard connection.phase != .closed, !connection.output.isEmpty else { return }
        push(connection)
    }

    private func push(_ connection: Connection<Handler>) {
        note(unsafe Socket.write(connection.descriptor, connection.output.unsent), of: connection)
    }

    /// Acts on the outcome of a send of all queued output.
    private func note(_ outcome: Socket.WriteOutcome, of connection: Connection<Handler>) {
        switch outcome {
        case .accepted(let count):
            countSend(of: count)
            writer.sent(count, of: connection)
            if connection.output.isEmpty {
                unwatch(connection, for: .writable)
                connection.gauges.countQueue(0, in: counters)
                if connection.gauges.bufferedBytes > 0 { recount(connection) }
                if connection.phase == .closing { sentLastByte(connection) }
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
        guard settings.maxQueuedBytes > 0, connection.output.count > settings.maxQueuedBytes else { return }
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

    func setInterest(_ interest: Interest, of connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard interest != connection.interest, connection.phase != .closed else { return }
        connection.interest = interest
        poller.modify(connection.descriptor, for: .connection(connection.key), interest: interest)
    }
}
