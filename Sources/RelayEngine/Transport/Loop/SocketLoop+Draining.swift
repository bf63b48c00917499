internal import RelayWire

extension SocketLoop {
    /// Begins the loop's shutdown, in place of one in progress.
    func beginShutdown(_ mode: ShutdownMode) {
        acceptors[.clients]?.stop(on: poller)
        drain = LoopDrain(mode, clients: clientsInService.count, loop: index, of: group.count, now: now)
        continueShutdown()
    }

    /// Closes the connections that are due: whole rooms, so that no member sees the others leave a room that ends
    /// anyway.
    func continueShutdown() {
        guard let drain, !drain.isOver else { return }
        let staying = clientsInService
        switch drain.step(staying: staying.count, now: now) {
        case .close(var due):
            for connection in staying where due > 0 && isClientInService(connection) {
                due -= handler.closeForShutdown(connection, on: self)
            }
            timers.set(.shutdown, at: now + TransportSettings.shutdownStep)
        case .closeAll:
            self.drain?.closedAll(now: now)
            acceptors[.admin]?.stop(on: poller)
            for connection in table.all { _ = handler.closeForShutdown(connection, on: self) }
        }
    }

    /// Closes a connection because the loop shuts down.
    package func closeForShutdown(_ connection: Connection<Handler>) {
        switch connection.phase {
        case .webSocket:
            closeLater(connection, .close(.serviceRestart, reason: "service restart"))
        case .http where connection.reading == .open && connection.output.isEmpty:
            // It has had its answers, and browsers keep such a connection for minutes: nothing is lost with it.
            closeLater(connection, .abort)
        default:
            closeLater(connection, .finish)
        }
    }

    private var clientsInService: [Connection<Handler>] { table.all.filter { isClientInService($0) } }

    /// True for clients; the admin port is served to the end, and its connections do not delay the shutdown.
    private func isClientInService(_ connection: Connection<Handler>) -> Bool {
        guard connection.listener == .clients, connection.reading != .ending else { return false }
        return connection.phase == .http || connection.phase == .webSocket
    }
}
