internal import RelayCore
internal import RelayWire

extension SocketLoop {
    /// Queues whole frames for a WebSocket; they leave at the end of the turn at the latest, together with what else it is
    /// sent. Large ones leave at once.
    ///
    /// - Parameter frames: may be reused by the caller as soon as this returns.
    @inline(__always)
    package func send(_ frames: UnsafeRawBufferPointer, to connection: Connection) {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase == .webSocket else { return }
        queuedFrames &+= 1
        if frames.count >= TransportSettings.directBytes {
            return unsafe sendDirectly(frames, to: connection)
        }
        unsafe connection.output.append(frames, pool: &pool)
        if !connection.isDirty { markDirty(connection) }
        unflushedBytes += frames.count
        if unflushedBytes > TransportSettings.unflushedBytesPerTurn { flushDirty() }
    }

    /// A large frame goes to the kernel without a copy of ours; what it does not take is queued.
    private func sendDirectly(_ frame: UnsafeRawBufferPointer, to connection: Connection) {
        if !connection.output.isEmpty, !connection.interest.contains(.writable) { flush(connection) }
        guard connection.reading != .ending else { return }
        guard connection.output.isEmpty else {
            unsafe connection.output.append(frame, pool: &pool)
            return noteQueue(of: connection)
        }
        switch unsafe Socket.write(connection.descriptor, frame) {
        case .accepted(let count):
            countSend(of: count)
            guard count < frame.count else { return }
            unsafe connection.output.appendOpaque(UnsafeRawBufferPointer(rebasing: frame[count...]), pool: &pool)
            watch(connection, for: .writable)
            noteQueue(of: connection)
        case .failed:
            doom(connection, .abort)
        }
    }

    /// Queues bytes that are not whole frames: an HTTP answer.
    func queueOpaque(_ bytes: [UInt8], to connection: Connection) {
        unsafe bytes.withUnsafeBytes { unsafe connection.output.appendOpaque($0, pool: &pool) }
        unflushedBytes += bytes.count
        markDirty(connection)
    }

    func markDirty(_ connection: Connection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        unsafe dirty.append(Unmanaged.passUnretained(connection))
    }

    /// Sends what was queued since the last flush, once to each connection.
    func flushDirty() {
        var next = 0
        if unsafe dirty.count >= settings.fewestCallsPerBatch, let ring = ring.take() {
            next = flushInBatches(with: ring)
        }
        while unsafe next < dirty.count {
            // The table or the graveyard holds it until the turn ends.
            unsafe dirty[next]._withUnsafeGuaranteedRef { connection in
                connection.isDirty = false
                flush(connection)
            }
            next += 1
        }
        unsafe dirty.removeAll(keepingCapacity: true)
        unflushedBytes = 0
    }

    /// Sends what is queued, unless the kernel has said that it takes nothing for now.
    func flush(_ connection: Connection) {
        if takesOutput(connection) { push(connection) }
    }

    /// Whether there is something to send, and the kernel may take it.
    func takesOutput(_ connection: Connection) -> Bool {
        guard !connection.output.isEmpty, connection.phase != .closed else { return false }
        guard connection.interest.contains(.writable) else { return true }
        noteQueue(of: connection)
        return false
    }

    func becameWritable(_ connection: Connection) {
        guard connection.phase != .closed, !connection.output.isEmpty else { return }
        push(connection)
    }

    func push(_ connection: Connection) {
        note(unsafe Socket.write(connection.descriptor, connection.output.unsent), of: connection)
    }

    /// What became of sending all that is queued.
    func note(_ outcome: Socket.WriteOutcome, of connection: Connection) {
        switch outcome {
        case .accepted(let count):
            countSend(of: count)
            if count > 0 { connection.output.consume(count, pool: &pool) }
            if connection.output.isEmpty {
                unwatch(connection, for: .writable)
                countQueue(of: connection)
                if connection.countedBytes > 0 { recount(connection) }
                if connection.phase == .closing { sentLastByte(connection) }
            } else {
                watch(connection, for: .writable)
                noteQueue(of: connection)
            }
        case .failed:
            connection.phase == .closing ? tearDown(connection) : doom(connection, .abort)
        }
    }

    private func countSend(of count: Int) {
        guard count > 0 else { return }
        counters.sends.add(1)
        counters.bytesSent.add(count)
    }

    /// A reader too slow for its own limit, or the process for its own, loses the connection; never single messages.
    private func noteQueue(of connection: Connection) {
        countQueue(of: connection)
        recount(connection)
        guard settings.maxQueuedBytes > 0, connection.output.count > settings.maxQueuedBytes else { return }
        guard connection.phase != .closing, connection.reading != .ending else { return }
        struck(.queuedBytes)
        doom(connection, connection.phase == .webSocket ? .close(.tooSlow, reason: "too slow") : .abort)
    }

    func watch(_ connection: Connection, for added: Interest) {
        setInterest(connection.interest.union(added), of: connection)
    }

    func unwatch(_ connection: Connection, for removed: Interest) {
        setInterest(connection.interest.subtracting(removed), of: connection)
    }

    func setInterest(_ interest: Interest, of connection: Connection) {
        connection.assertOwned(by: self)
        guard interest != connection.interest, connection.phase != .closed else { return }
        connection.interest = interest
        poller.modify(connection.descriptor, token: connection.key.rawValue, interest: interest)
    }
}
