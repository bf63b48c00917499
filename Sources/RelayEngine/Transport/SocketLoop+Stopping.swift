internal import RelayWire

/// A loop's end that is under way.
struct Stopping {
    let farewell: Farewell
    let schedule: FarewellSchedule
    let beganAt: UInt64
    /// Everybody has been sent off.
    var isOver = false
    /// When the loop ends, whoever is still there.
    var endsAt: UInt64
}

extension SocketLoop {
    /// Nothing new comes in from here on.
    var isStopping: Bool { stopping != nil }

    /// Whether all is done that there was to do.
    var hasStopped: Bool {
        guard let stopping else { return false }
        return stopping.isOver && openConnections == 0 || now >= stopping.endsAt
    }

    /// A later farewell takes the place of the one that is under way.
    func beginStop(_ farewell: Farewell) {
        stopAccepting(at: .clients)
        let schedule = FarewellSchedule(
            count: clientsInService(), span: farewell.span, place: index, places: group.count)
        stopping = Stopping(
            farewell: farewell, schedule: schedule, beganAt: now, endsAt: now + farewell.span + farewell.patience)
        sendOffDue()
    }

    /// Sends off those whose turn it is: whole rooms, so that nobody sees the others of a room leave that ends anyway.
    func sendOffDue() {
        guard let stopping, !stopping.isOver else { return }
        let elapsed = now - stopping.beganAt
        let staying = clientsInService()
        // Another loop may just have posted one more, before it was told to stop.
        let isDeserted = staying == 0 && elapsed >= TransportSettings.farewellStep
        guard elapsed < stopping.farewell.span, !isDeserted else { return sendOffAll() }
        var due = staying - (stopping.schedule.count - stopping.schedule.gone(after: elapsed))
        for case let connection? in connections where isClientInService(connection) {
            guard due > 0 else { break }
            due -= handler.sendOff(connection, on: self)
        }
        timers.set(.farewell, at: now + TransportSettings.farewellStep)
    }

    private func sendOffAll() {
        guard let farewell = stopping?.farewell else { return }
        stopping?.isOver = true
        stopping?.endsAt = now + farewell.patience
        stopAccepting(at: .operators)
        for case let connection? in connections { sendOff(connection) }
    }

    /// Ends a connection because the loop ends.
    func sendOff(_ connection: Connection) {
        let isOpen = connection.phase == .webSocket
        doom(connection, isOpen ? .close(.serviceRestart, reason: "service restart") : .finish)
    }

    private func clientsInService() -> Int {
        connections.reduce(0) { count, connection in
            count + (connection.map { isClientInService($0) ? 1 : 0 } ?? 0)
        }
    }

    /// Operators are served to the end, and hold up nobody's.
    private func isClientInService(_ connection: Connection) -> Bool {
        guard connection.entrance == .clients, connection.reading != .ending else { return false }
        return connection.phase == .http || connection.phase == .webSocket
    }
}
