internal import RelayWire

extension SocketLoop {
    /// Updates the count of a connection's memory, and sheds load when the process holds too much.
    func recount(_ connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        // One that will be closed is no longer counted.
        guard connection.reading != .ending else { return }
        let held = connection.heldBytes
        let before = connection.gauges.bufferedBytes
        guard held != before else { return }
        count(connection, holding: held)
        guard held > before, memory.isExceeded, let loop = memory.loopToShed() else { return }
        if loop == index { shedLoad() } else { group.mailboxes[loop].post(.shedLoad) }
    }

    func count(_ connection: Connection<Handler>, holding held: Int) {
        connection.gauges.countBuffers(held, in: counters)
        memory.record(counters.bufferedBytes.current)
    }

    /// Closes the connections that hold the most memory.
    func shedLoad() {
        let excess = memory.beginShedding()
        guard excess > 0 else { return }
        limitExceeded(.bufferedBytes)
        let holders = table.all.filter { $0.gauges.bufferedBytes > 0 && $0.reading != .ending }
        for place in MemoryBudget.heaviest(of: holders.map(\.gauges.bufferedBytes), until: excess) {
            let connection = holders[place]
            let isSlowReader = connection.output.capacity >= connection.inputCapacity
            switch connection.phase {
            case .webSocket where isSlowReader: close(connection, .tooSlow, reason: "too slow")
            case .webSocket: close(connection, .messageTooBig, reason: "server is out of buffer space")
            case .http, .closing, .closed: closeLater(connection, .abort)
            }
        }
    }
}
