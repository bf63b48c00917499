extension SocketLoop {
    /// Counts a connection as what it now is to the operator; nil once it is out of the table.
    func count(_ connection: Connection, as phase: CountedPhase?) {
        guard phase != connection.countedPhase else { return }
        if let old = connection.countedPhase { counters.connectionsByPhase.add(-1, for: old) }
        if let phase { counters.connectionsByPhase.add(1, for: phase) }
        connection.countedPhase = phase
    }

    /// Brings the count of what the peers' kernels do not take up to date: a connection whose turn has ended with output
    /// is a slow reader until all of it is gone.
    func countQueue(of connection: Connection) {
        countQueue(of: connection, connection.interest.contains(.writable) ? connection.output.count : 0)
    }

    func countQueue(of connection: Connection, _ waiting: Int) {
        let before = connection.countedQueue
        guard waiting != before else { return }
        counters.queuedBytes.add(waiting - before)
        if (waiting > 0) != (before > 0) { counters.slowReaders.add(waiting > 0 ? 1 : -1) }
        connection.countedQueue = waiting
    }
}

extension Connection {
    /// What it is to the operator; nil when it is gone.
    var phaseToCount: CountedPhase? {
        switch phase {
        case .http: reading == .parked ? .parked : .http
        case .webSocket: .webSocket
        case .closing: .closing
        case .closed: nil
        }
    }
}
