internal import Glibc
internal import Logging
internal import RelayCore

extension SocketLoop {
    func acceptConnections() {
        for _ in 0..<TransportSettings.acceptsPerTurn {
            switch listener.accept() {
            case .accepted(let descriptor, let peer):
                nextSerial += 1
                let key = ConnectionKey(descriptor: descriptor, serial: nextSerial)
                let connection = Connection(key: key, peer: peer, now: now)
                guard enter(connection) else { return }
                connection.deadline = moment(seconds: settings.handshakeTimeout)
                armCheck(connection)
            case .nothing:
                return
            case .exhausted(let error):
                restFromAccepting(error)
                return
            }
        }
    }

    /// Puts a connection into the table and the poller.
    ///
    /// - Returns: false if the kernel refuses to watch it; then it is closed.
    private func enter(_ connection: Connection) -> Bool {
        do {
            try poller.add(connection.descriptor, token: connection.key.rawValue, interest: connection.interest)
        } catch {
            Glibc.close(connection.descriptor)
            connection.phase = .closed
            restFromAccepting(error)
            return false
        }
        let descriptor = Int(connection.descriptor)
        if descriptor >= connections.count {
            connections.append(contentsOf: repeatElement(nil, count: max(descriptor + 1 - connections.count, 64)))
        }
        connections[descriptor] = connection
        openConnections += 1
        counters.openConnections.add(1)
        return true
    }

    /// Takes a connection out of the table, and what it holds out of the count.
    func removeFromTable(_ connection: Connection) {
        connections[Int(connection.descriptor)] = nil
        openConnections -= 1
        counters.openConnections.add(-1)
        count(connection, holding: 0)
    }

    /// Out of descriptors: leave the next clients in the backlog for a moment instead of spinning.
    private func restFromAccepting(_ error: SystemError) {
        struck(.openFiles)
        shedResting()
        // A second timer would find the listener watched already, and set itself again for ever.
        guard isAccepting else { return }
        isAccepting = false
        poller.remove(listener.descriptor)
        timers.set(.resumeAccepting, at: now + MonotonicClock.nanosecondsPerSecond / 10)
        logger.debug("accepting rests", metadata: ["error": "\(error)"])
    }

    func resumeAccepting() {
        guard !isStopping else { return }
        do {
            try poller.add(listener.descriptor, token: SocketLoop.listenerToken, interest: [.readable, .exclusive])
            isAccepting = true
        } catch {
            timers.set(.resumeAccepting, at: now + MonotonicClock.nanosecondsPerSecond / 10)
        }
    }

    /// Hands a connection to another loop, with all it has received and all that is still to be sent.
    func migrate(_ connection: Connection, toLoop target: Int, cargo: (any ConnectionCargo)?) {
        flushBeforeMigration(connection)
        guard !connection.isDoomed else { return }
        poller.remove(connection.descriptor)
        removeFromTable(connection)
        connection.isBacklogged = false
        connection.checkAt = .max
        group.mailboxes[target].post(.connection(Migration(connection: connection, cargo: cargo)))
    }

    func adopt(_ migration: Migration) {
        let connection = migration.connection
        guard enter(connection) else {
            if connection.session != nil { handler.closed(connection, on: self) }
            return
        }
        if isStopping { return sendOff(connection) }
        armCheck(connection)
        if let cargo = migration.cargo { handler.adopt(connection, cargo: cargo, on: self) }
        if !connection.output.isEmpty { markDirty(connection) }
        // Last: the next request may already take it to yet another loop, whose it is then.
        workOff(connection)
    }

    /// Makes room for new clients: the plain connections that have rested longest are let go.
    func shedResting() {
        let resting = connections.compactMap { $0 }.filter { isResting($0) }
        for connection in resting.sorted(by: { $0.heardAt < $1.heardAt }).prefix(TransportSettings.restingShed) {
            doom(connection, .abort)
        }
    }

    /// Whether nothing is lost with it: it owes no request and is owed no answer. One that has just come may have sent a
    /// request that nobody has read yet.
    private func isResting(_ connection: Connection) -> Bool {
        guard connection.phase == .http, !connection.isDoomed else { return false }
        guard connection.input.isEmpty, connection.output.isEmpty else { return false }
        let hasAnswered = connection.exchange?.hasAnswered ?? false
        return hasAnswered || now >= connection.heardAt + MonotonicClock.nanosecondsPerSecond
    }
}
