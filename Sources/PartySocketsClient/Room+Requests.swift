internal import NIOCore

extension Room {
    /// Sends a value to other members.
    ///
    /// What was sent right before a connection ends may be lost. While it is away, `RoomOptions.whileAway` decides.
    ///
    /// - Throws: `PartyError` with `notEncodable`.
    public func send(_ value: some Encodable, to recipients: Recipients = .others) throws(PartyError) {
        send(raw: try RawJSON(encoding: value), to: recipients)
    }

    /// Sends a value that is JSON already.
    public func send(raw data: RawJSON, to recipients: Recipients = .others) {
        if case .these(let indices) = recipients, !hasAdditions {
            // An old relay knows one recipient or all.
            for index in indices { send(.send(data, to: .one(index))) }
        } else {
            send(.send(data, to: recipients))
        }
    }

    private func send(_ message: ClientMessage) {
        perform { $0.send(message) }
    }

    /// Sets the room's state: what everybody has, also those who come later. Only the host can.
    ///
    /// Of several within 50 ms the last one is sent, and of those set while away, too.
    ///
    /// - Throws: `PartyError` with `notEncodable`, `stateTooLarge` or `onlyHostCanSetState`.
    public func setState(_ value: some Encodable) throws(PartyError) {
        try setState(raw: try RawJSON(encoding: value))
    }

    /// Sets the room's state to a value that is JSON already.
    ///
    /// - Throws: `PartyError` with `stateTooLarge` or `onlyHostCanSetState`.
    public func setState(raw data: RawJSON) throws(PartyError) {
        try requireHost(.onlyHostCanSetState, "Only the host can set state")
        let most = 16_384
        guard data.bytes.count <= most || data.bytes.count <= 4 * most && data.compactLength <= most else {
            throw PartyError(.stateTooLarge, "A state has at most \(most) bytes of JSON")
        }
        perform { $0.set(data) }
    }

    /// Ends a member's connection for good. Only the host can.
    ///
    /// - Parameters:
    ///   - index: the member's slot.
    ///   - ban: whether its client cannot return as long as the room lives.
    /// - Throws: `PartyError` with `onlyHostCanKick` or `notSupported`.
    public func kick(_ index: Int, ban: Bool = false) throws(PartyError) {
        try requireHost(.onlyHostCanKick, "Only the host can kick")
        try requireAdditions()
        perform { $0.send(.kick(index, ban: ban), isOrder: true) }
    }

    /// Lets nobody in who has no seat yet, or opens the room again. Only the host can.
    ///
    /// - Throws: `PartyError` with `onlyHostCanLock` or `notSupported`.
    public func lock(_ isLocked: Bool = true) throws(PartyError) {
        try requireHost(.onlyHostCanLock, "Only the host can lock")
        try requireAdditions()
        perform { $0.send(.lock(isLocked), isOrder: true) }
    }

    /// A ticket with which another device takes this member's seat: good once, within 10 minutes. Only the host gets one.
    ///
    /// - Throws: `PartyError` with `onlyHostCanIssueTickets`, `notSupported`, `targetNotFound`, `unreachable` while the
    ///   connection is away, or `timeout` after 10 s.
    public func ticket(for index: Int) async throws(PartyError) -> String {
        try requireHost(.onlyHostCanIssueTickets, "Only the host can issue tickets")
        try requireAdditions()
        let promise = makePromise(of: String.self)
        perform { $0.requestTicket(for: index, promise) }
        return try await promise.futureResult.value()
    }

    /// Gives up the seat for good, and waits until that is done, 2 s at most. The room goes on.
    ///
    /// While the connection is away the relay hears nothing of it.
    public func leave() async {
        await end { $0.leave(closesRoom: false) }
    }

    /// Ends the room for everybody, and waits until that is done, 2 s at most. Only the host can.
    ///
    /// While the connection is away this only ends the host's part; the relay then waits for it in vain.
    ///
    /// - Throws: `PartyError` with `onlyHostCanClose`.
    public func close() async throws(PartyError) {
        try requireHost(.onlyHostCanClose, "Only the host can close the room")
        await end { $0.leave(closesRoom: true) }
    }

    private func end(_ body: @escaping @Sendable (RoomConnection) -> Void) async {
        let promise = makePromise(of: Void.self)
        perform { connection in
            connection.tellEnd(promise)
            body(connection)
        }
        // It cannot fail.
        try? await promise.futureResult.get()
    }

    /// Ends the connection until `resume()`: a program that goes into the background has its connections cut anyway.
    public func suspend() {
        perform { $0.suspend() }
    }

    /// Comes back at once, from `suspend()` or on the way back, and with a new budget. A connection that is open is
    /// examined: `RoomOptions.pongWithin` later at most, one that is dead is known to be.
    public func resume() {
        perform { $0.resume() }
    }

    private func requireHost(_ code: PartyError.Code, _ message: String) throws(PartyError) {
        guard isHost else { throw PartyError(code, message) }
    }

    private func requireAdditions() throws(PartyError) {
        guard hasAdditions else { throw PartyError(.notSupported, "The relay is too old for this") }
    }
}
