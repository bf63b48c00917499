internal import CLinux
internal import RelayWire

extension SocketLoop {
    /// Updates the count of a connection's memory, and notes it if the process holds too much.
    func recount(_ connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        let held = connection.heldBytes
        let before = connection.gauges.bufferedBytes
        guard held != before else { return }
        count(connection, holding: held)
        if held > before { checkMemory() }
    }

    // MARK: What the handler keeps

    /// Counts memory that the handler has taken for its own purposes, or has freed.
    package func countHandlerBytes(_ change: Int) {
        counters.handlerBytes.add(change)
        memory.recordHandler(counters.handlerBytes.current)
        if change > 0 { checkMemory() }
    }

    /// The memory that this loop's handler holds, as it has counted it.
    package var handlerBytes: Int { counters.handlerBytes.current }

    /// True if the handlers of all loops together may hold so many bytes more.
    package func handlersMayHold(_ bytes: Int) -> Bool {
        memory.handlersMayHold(bytes)
    }

    // MARK: Buffers

    func countConnections(_ change: Int) {
        counters.openConnections.add(change)
        memory.recordConnections(counters.openConnections.current)
    }

    func count(_ connection: Connection<Handler>, holding held: Int) {
        connection.gauges.countBuffers(held, in: counters, now: now)
        recordMemory()
    }

    /// Records what this loop holds now, in buffers and in free blocks.
    func recordMemory() {
        memory.record(counters.bufferedBytes.current, free: writer.keptBytes)
    }

    private func checkMemory() {
        guard memory.isExceeded, let loop = memory.exceeded() else { return }
        // Not told, it is to be asked again.
        if group.mailboxes[loop].post(.shedLoad) != nil { group.ledger.beginsToShed(loop) }
    }

    /// Frees what nobody uses, and, if that is not enough, closes the connections that hold most memory for longest.
    ///
    /// Called at the end of a step: no caller is in the middle of a room or a flush, and what is to be closed is.
    func shedLoad() {
        writer.emptyPool()
        recordMemory()
        let excess = memory.beginShedding()
        guard excess > 0 else { return }
        limitExceeded(.bufferedBytes)
        let connections = table.all.filter { $0.gauges.bufferedBytes > 0 && $0.reading != .ending }
        let holders = connections.map { connection in
            MemoryBudget.Holder(
                bytes: connection.gauges.bufferedBytes + connection.output.sharedBytes,
                age: now - min(connection.gauges.holdsSince, now), isClosing: connection.phase == .closing)
        }
        for place in MemoryBudget.choice(of: holders, until: excess).prefix(TransportSettings.closesPerShedding) {
            shed(connections[place])
        }
        processExits()
        recordMemory()
        checkMemory()
    }

    private func shed(_ connection: Connection<Handler>) {
        let isSlowReader = connection.output.heldBytes + connection.output.sharedBytes >= connection.inputCapacity
        switch connection.phase {
        case .webSocket where isSlowReader: close(connection, .tooSlow, reason: "too slow")
        case .webSocket: close(connection, .messageTooBig, reason: "server is out of buffer space")
        case .http, .closing, .closed: closeLater(connection, .abort)
        }
    }

    /// Sets a timer if free memory should be given back.
    func scheduleTrim() {
        guard memory.needsTrimTimer() else { return }
        rests.set(.trim, at: now + TransportSettings.trimDelay)
    }

    /// Frees blocks that nobody has needed for a while, and gives free memory back to the system.
    func trim() {
        writer.trimPool()
        recordMemory()
        if memory.trimTimerFired() { clinux_heap_trim() }
        scheduleTrim()
    }
}
