internal import Glibc
internal import RelayLimits

extension SocketLoop {
    func acceptConnections(at role: ListenerRole) {
        guard acceptors[role]?.mayAccept(on: poller) == true else { return }
        for round in 0..<TransportSettings.acceptsPerTurn {
            switch acceptors[role]?.accept(isFirst: round == 0) {
            case .accepted(let descriptor, let peer):
                guard group.peers.admit(peer, at: role) else {
                    limitExceeded(.socketsPerPeer)
                    Glibc.close(descriptor)
                    continue
                }
                let key = table.newKey(for: descriptor)
                let connection = Connection<Handler>(key: key, peer: peer, listener: role, now: now)
                guard enter(connection) else { return }
                setDeadline(of: connection, at: moment(seconds: settings.handshakeTimeout))
            case .skipped:
                continue
            case .nothing, nil:
                return
            case .exhausted(let error):
                return makeRoom(at: role, because: error)
            case .failed(let error):
                return restFromAccepting(at: role, because: error)
            }
        }
    }

    /// Puts a connection into the table and the poller.
    ///
    /// - Returns: false if the kernel refuses to watch it, in which case it is closed.
    func enter(_ connection: Connection<Handler>) -> Bool {
        connection.setOwner(self)
        do throws(SystemError) {
            try poller.add(connection.descriptor, for: .connection(connection.key), interest: connection.interest)
        } catch {
            close(unwatched: connection)
            makeRoom(at: connection.listener, because: error)
            return false
        }
        connection.phaseGauge.count(as: connection.countedPhase, in: counters)
        table.insert(connection)
        countConnections(1)
        group.sockets.add(1, at: connection.listener)
        return true
    }

    /// Pauses accepting when descriptors or memory run out, and closes resting connections to free some.
    private func makeRoom(at role: ListenerRole, because error: SystemError) {
        limitExceeded(.openFiles)
        // Connections of the admin port are closed only if it has reached its own limit.
        let hasAdminRoom = acceptors[.admin]?.hasRoom ?? true
        shedResting(at: hasAdminRoom ? .clients : role)
        restFromAccepting(at: role, because: error)
    }

    private func restFromAccepting(at role: ListenerRole, because error: SystemError) {
        guard acceptors[role]?.rest(on: poller) == true else { return }
        rests.set(.accept(role), at: now + TransportSettings.acceptingRest)
        log.acceptingRests(because: error)
    }

    func resumeAccepting(at role: ListenerRole) {
        do throws(SystemError) {
            try acceptors[role]?.start(on: poller)
        } catch {
            rests.set(.accept(role), at: now + TransportSettings.acceptingRest)
        }
    }

    /// Closes the HTTP connections that have rested longest, to make room for new ones.
    func shedResting(at role: ListenerRole = .clients) {
        let resting = table.all.filter { $0.listener == role && isResting($0) }
        let longest = resting.sorted { $0.times.lastReadAt < $1.times.lastReadAt }
        for connection in longest.prefix(TransportSettings.restingShed) { closeLater(connection, .abort) }
    }

    /// True if closing it loses nothing: no request is in progress and no answer is due. A new connection counts only
    /// after a second, since it may have sent a request that has not been read yet.
    private func isResting(_ connection: Connection<Handler>) -> Bool {
        guard connection.owesNothing else { return false }
        let hasAnswered = connection.exchange?.hasAnswered ?? false
        return hasAnswered || now >= connection.times.lastReadAt + MonotonicClock.nanosecondsPerSecond
    }
}
