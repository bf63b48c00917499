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
        memory.record(counters.bufferedBytes.current, free: writer.keptBytes + LargeBlock.keptBytes)
    }

    /// Notes what shared frames hold, if that is more than before.
    func recountShared(before: Int) {
        guard counters.bufferedBytes.current > before else { return }
        recordMemory()
        checkMemory()
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
        recordMemory()
        if memory.isExceeded {
            writer.emptyPool()
            LargeBlock.freeKept()
            recordMemory()
        }
        let excess = memory.beginShedding()
        guard excess > 0 else { return }
        limitExceeded(.bufferedBytes)
        shed(table.all, until: excess)
    }

    /// Closes those whose unfinished input has not grown for a while, since others must pause for it. Who is held cannot
    /// send the rest.
    func shedStaleInput() {
        let stale = table.all.filter { connection in
            connection.reading != .held && connection.inputCapacity > connection.output.heldBytes
                && now >= connection.times.lastReadAt + TransportSettings.staleAfter
        }
        guard !stale.isEmpty else { return }
        limitExceeded(.bufferedBytes)
        shed(stale, until: .max)
    }

    private func shed(_ candidates: [Connection<Handler>], until excess: Int) {
        let connections = candidates.filter { $0.gauges.bufferedBytes > 0 && $0.reading != .ending }
        let chosen = MemoryBudget.choice(of: connections.map(holder), until: excess)
        for place in chosen.prefix(TransportSettings.closesPerShedding) { shed(connections[place]) }
        processExits()
        recordMemory()
        checkMemory()
    }

    private func holder(_ connection: Connection<Handler>) -> MemoryBudget.Holder {
        let isInput = connection.inputCapacity > connection.output.heldBytes
        let since = isInput ? connection.times.lastReadAt : connection.gauges.holdsSince
        let isMember = connection.phase == .webSocket && handler.isMember(connection)
        return MemoryBudget.Holder(
            bytes: connection.gauges.bufferedBytes + connection.output.sharedBytes, age: now - min(since, now),
            standing: connection.phase == .closing ? .closing : isMember ? .member : .stranger)
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
        LargeBlock.trim()
        recordMemory()
        if memory.trimTimerFired() { clinux_heap_trim() }
        scheduleTrim()
    }
}
