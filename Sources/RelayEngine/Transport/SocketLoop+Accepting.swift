internal import Glibc
internal import Logging
internal import RelayCore

extension SocketLoop {
    func acceptConnections(at entrance: Entrance) {
        guard let listener = self[entrance]?.listener else { return }
        for round in 0..<TransportSettings.acceptsPerTurn {
            guard hasRoom(at: entrance) else {
                // Behind the last that had room nobody may be waiting.
                if round == 0 { restFromAccepting(at: entrance, because: SystemError("accept4", code: EMFILE)) }
                return
            }
            switch listener.accept() {
            case .accepted(let descriptor, let peer):
                nextSerial += 1
                let key = ConnectionKey(descriptor: descriptor, serial: nextSerial)
                let connection = Connection(key: key, peer: peer, entrance: entrance, now: now)
                guard enter(connection) else { return }
                connection.deadline = moment(seconds: settings.handshakeTimeout)
                armCheck(connection)
            case .nothing:
                return
            case .exhausted(let error):
                restFromAccepting(at: entrance, because: error)
                return
            }
        }
    }

    private subscript(_ entrance: Entrance) -> Door? {
        get { entrance == .clients ? door : operatorDoor }
        set {
            switch entrance {
            case .clients: door = newValue ?? door
            case .operators: operatorDoor = newValue
            }
        }
    }

    /// Whether one more socket may come in there. Approximate by as many as there are loops, since each asks before it
    /// accepts.
    private func hasRoom(at entrance: Entrance) -> Bool {
        let most = entrance == .clients ? settings.maxSockets : TransportSettings.operatorSockets
        return most == 0 || group.sockets.current(entrance) < most
    }

    /// Watches the listener, if there is one.
    func startAccepting(at entrance: Entrance) throws(SystemError) {
        guard let listener = self[entrance]?.listener else { return }
        let token = entrance == .clients ? SocketLoop.listenerToken : SocketLoop.operatorListenerToken
        try poller.add(listener.descriptor, token: token, interest: [.readable, .exclusive])
        self[entrance]?.isAccepting = true
    }

    func stopAccepting(at entrance: Entrance) {
        guard let door = self[entrance], door.isAccepting else { return }
        poller.remove(door.listener.descriptor)
        self[entrance]?.isAccepting = false
    }

    /// Puts a connection into the table and the poller.
    ///
    /// - Returns: false if the kernel refuses to watch it; then it is closed.
    func enter(_ connection: Connection) -> Bool {
        do {
            try poller.add(connection.descriptor, token: connection.key.rawValue, interest: connection.interest)
        } catch {
            Glibc.close(connection.descriptor)
            connection.phase = .closed
            restFromAccepting(at: connection.entrance, because: error)
            return false
        }
        count(connection, as: connection.phaseToCount)
        let descriptor = Int(connection.descriptor)
        if descriptor >= connections.count {
            connections.append(contentsOf: repeatElement(nil, count: max(descriptor + 1 - connections.count, 64)))
        }
        connections[descriptor] = connection
        openConnections += 1
        counters.openConnections.add(1)
        connection.setOwner(self)
        group.sockets.add(1, at: connection.entrance)
        return true
    }

    /// Takes a connection out of the table, and what it holds out of the count.
    func removeFromTable(_ connection: Connection) {
        count(connection, as: nil)
        countQueue(of: connection, 0)
        connections[Int(connection.descriptor)] = nil
        openConnections -= 1
        counters.openConnections.add(-1)
        group.sockets.add(-1, at: connection.entrance)
        count(connection, holding: 0)
    }

    /// Out of descriptors: leave the next clients in the backlog for a moment instead of spinning.
    private func restFromAccepting(at entrance: Entrance, because error: SystemError) {
        struck(.openFiles)
        // Operators make room for operators only when there are too many of them.
        shedResting(at: hasRoom(at: .operators) ? .clients : entrance)
        // A second timer would find the listener watched already, and set itself again for ever.
        guard self[entrance]?.isAccepting == true else { return }
        stopAccepting(at: entrance)
        timers.set(.resumeAccepting(entrance), at: now + MonotonicClock.nanosecondsPerSecond / 10)
        logger.debug("accepting rests", metadata: ["error": "\(error)"])
    }

    func resumeAccepting(at entrance: Entrance) {
        guard !isStopping else { return }
        do {
            try startAccepting(at: entrance)
        } catch {
            timers.set(.resumeAccepting(entrance), at: now + MonotonicClock.nanosecondsPerSecond / 10)
        }
    }

    /// Makes room for new ones: the plain connections that have rested longest are let go.
    func shedResting(at entrance: Entrance = .clients) {
        let resting = connections.compactMap { $0 }.filter { $0.entrance == entrance && isResting($0) }
        for connection in resting.sorted(by: { $0.heardAt < $1.heardAt }).prefix(TransportSettings.restingShed) {
            doom(connection, .abort)
        }
    }

    /// Whether nothing is lost with it: it owes no request and is owed no answer. One that has just come may have sent a
    /// request that nobody has read yet.
    private func isResting(_ connection: Connection) -> Bool {
        guard connection.phase == .http, !connection.reading.isLeaving else { return false }
        guard connection.input.isEmpty, connection.output.isEmpty else { return false }
        let hasAnswered = connection.exchange?.hasAnswered ?? false
        return hasAnswered || now >= connection.heardAt + MonotonicClock.nanosecondsPerSecond
    }
}
