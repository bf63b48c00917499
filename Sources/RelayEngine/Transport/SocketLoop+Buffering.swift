internal import RelayWire

extension SocketLoop {
    /// Brings the count of the memory that a connection holds up to date, and sheds load when the process holds too much.
    func recount(_ connection: Connection) {
        // One that is to end counts as gone already.
        guard connection.reading != .ending else { return }
        let held = connection.output.capacity + connection.inputCapacity
        guard held != connection.countedBytes else { return }
        let hasGrown = held > connection.countedBytes
        count(connection, holding: held)
        guard hasGrown, settings.maxBufferedBytes > 0, group.ledger.total > settings.maxBufferedBytes else { return }
        let heaviest = group.ledger.heaviest
        if heaviest == index {
            shedLoad()
        } else if group.ledger.askToShed(heaviest) {
            group.mailboxes[heaviest].post(.shedLoad)
        }
    }

    func count(_ connection: Connection, holding held: Int) {
        counters.bufferedBytes.add(held - connection.countedBytes)
        connection.countedBytes = held
        group.ledger.record(bufferedBytes, of: index)
    }

    /// Closes the connections that hold most until an eighth of the bound is free again, so that this search
    /// is rare even when somebody fills it on purpose.
    func shedLoad() {
        group.ledger.beginsToShed(index)
        var excess = group.ledger.total - settings.maxBufferedBytes / 8 * 7
        guard excess > 0, settings.maxBufferedBytes > 0 else { return }
        struck(.bufferedBytes)
        let holders = connections.compactMap { $0 }.filter { $0.countedBytes > 0 && $0.reading != .ending }
        for connection in holders.sorted(by: { $0.countedBytes > $1.countedBytes }) {
            guard excess > 0 else { return }
            excess -= connection.countedBytes
            let isSlowReader = connection.output.capacity >= connection.inputCapacity
            switch connection.phase {
            case .webSocket where isSlowReader: doom(connection, .close(.tooSlow, reason: "too slow"))
            case .webSocket: doom(connection, .close(.messageTooBig, reason: "server is out of buffer space"))
            case .http, .closing, .closed: doom(connection, .abort)
            }
        }
    }
}
