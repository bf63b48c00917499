internal import RelayCore
internal import RelayWire

/// What a host may do with the members of its room.
extension RelayLoop {
    /// Puts a member out; it may come back unless it is banned.
    func kick(
        _ message: MessageDetails, in bytes: Span<UInt8>, by session: RelaySession, on loop: Loop
    ) throws(RelayError) {
        let room = try hosted(by: session, orThrow: .onlyHostCanKick)
        let slot = try message.subject(in: bytes)
        let isBan = try message.isBan(in: bytes)
        let member = try room.state.kick(slot, ban: isBan, now: loop.now)
        room.changes += 1
        recount(room, on: loop)
        guard let connection = member?.connection else { return }
        leave(connection.relaySession, .kicked, on: loop)
        loop.close(connection, .kicked, reason: "kicked")
    }

    func lock(_ message: MessageDetails, in bytes: Span<UInt8>, by session: RelaySession) throws(RelayError) {
        let room = try hosted(by: session, orThrow: .onlyHostCanLock)
        room.state.setLocked(try message.wantsLock(in: bytes))
        room.changes += 1
    }

    /// Draws a ticket for a slot, and tells the host alone.
    func issueTicket(
        _ message: MessageDetails, in bytes: Span<UInt8>, to connection: RelayConnection, on loop: Loop
    ) throws(RelayError) {
        let room = try hosted(by: connection.relaySession, orThrow: .onlyHostCanIssueTickets)
        let slot = try message.subject(in: bytes)
        try checkMemory(for: room.state.growthByTicket, on: loop)
        let ticket = drawTicket()
        try room.state.issue(ticket, for: slot, now: loop.now)
        room.changes += 1
        recount(room, on: loop)
        send(to: connection, on: loop) { ServerMessage.appendTicket(to: &$0, ticket, for: slot) }
    }

    /// The room of a member that is its host.
    private func hosted(by session: RelaySession, orThrow error: RelayError) throws(RelayError) -> LiveRoom {
        guard let room = session.room else { throw .notInRoom }
        // To a guest of the original protocol there is no such message.
        guard session.slot == .host else { throw session.asksForMore ? error : .unknownMessageType }
        return room
    }
}
