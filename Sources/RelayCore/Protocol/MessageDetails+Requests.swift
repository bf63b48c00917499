/// Limits for messages; 0 disables one.
package struct MessageLimits: Hashable, Sendable {
    package var maxClientsPerRoom: Int
    package var maxClientIDBytes: Int

    package init(maxClientsPerRoom: Int, maxClientIDBytes: Int) {
        self.maxClientsPerRoom = maxClientsPerRoom
        self.maxClientIDBytes = maxClientIDBytes
    }
}

/// A valid `create` request.
package struct CreateRequest: Sendable {
    /// Nil if the relay is to draw one.
    package let clientID: ClientID?
    /// Rounded up to a whole number and clamped to the limit, or to `Int.max` without one.
    package let maxClients: Int
    /// True if the request asked for more than the limit allows.
    package let isClamped: Bool
    package let url: ControllerURL?
    /// Seconds for which the place of a member that is lost is kept; nil leaves it to the relay.
    package let holdSeconds: Int?
}

/// A valid `join` request.
package struct JoinRequest: Hashable, Sendable {
    /// Nil if the relay is to draw one.
    package let clientID: ClientID?
    /// Nil if the text cannot be a room code: the request is valid, but no such room exists.
    package var room: RoomCode?
    /// The easy code that the text is in capitals, if it was typed in lower case.
    package let roomInCapitals: RoomCode?
    /// The text of the ticket for a slot; nil without one.
    package let ticket: Ticket?
}

// Checks that need neither a room nor the connection's state, in order: the first that fails is answered.
extension MessageDetails {
    /// The longest time for which a room keeps the place of a member that is lost, in seconds.
    package static let maximumHoldSeconds = 600
    /// The first version of the protocol that says more than the original.
    private static let versionThatSaysMore = 3

    package func createRequest(
        in bytes: Span<UInt8>, limits: MessageLimits
    ) throws(RelayError) -> CreateRequest {
        let clientID = try checkedClientID(in: bytes, limits: limits)
        let asked = try checkedMaxClients(in: bytes)
        let limit = limits.maxClientsPerRoom == 0 ? Int.max : limits.maxClientsPerRoom
        return CreateRequest(
            clientID: clientID, maxClients: min(asked, limit), isClamped: asked > limit,
            url: try controllerURL(in: bytes), holdSeconds: try holdSeconds(in: bytes))
    }

    package func joinRequest(in bytes: Span<UInt8>, limits: MessageLimits) throws(RelayError) -> JoinRequest {
        let clientID = try checkedClientID(in: bytes, limits: limits)
        guard let room, room.isNonEmptyString else { throw .roomRequired }
        let code = room.decodedString(in: bytes, atMost: RoomCode.length)
        return JoinRequest(
            clientID: clientID, room: code.flatMap { RoomCode($0.span) },
            roomInCapitals: code.flatMap { RoomCode(inCapitals: $0.span) }, ticket: presentedTicket(in: bytes))
    }

    /// True if the client understands more than the original protocol.
    package func asksForMore(in bytes: Span<UInt8>) -> Bool {
        guard let version, version.kind == .number else { return false }
        return JSONNumber(version.range, in: bytes).nonNegativeInteger.map { $0 >= Self.versionThatSaysMore } ?? false
    }

    /// Throws only for clients that know of it: to others the field means nothing, whatever it is.
    private func holdSeconds(in bytes: Span<UInt8>) throws(RelayError) -> Int? {
        guard let hold, hold.kind != .null else { return nil }
        if hold.kind == .number {
            let seconds = JSONNumber(hold.range, in: bytes).nonNegativeRoundedUp
            if let seconds, seconds <= Self.maximumHoldSeconds { return seconds }
        }
        guard asksForMore(in: bytes) else { return nil }
        throw .holdInvalid
    }

    /// Nil if there is none, and the relay is to draw one: a client must know of that to learn its own.
    private func checkedClientID(in bytes: Span<UInt8>, limits: MessageLimits) throws(RelayError) -> ClientID? {
        guard let clientID, clientID.kind != .null else {
            guard asksForMore(in: bytes) else { throw .clientIDRequired }
            return nil
        }
        guard clientID.isNonEmptyString else { throw .clientIDRequired }
        let limit = limits.maxClientIDBytes == 0 ? Int.max : limits.maxClientIDBytes
        let decoded = clientID.decodedString(in: bytes, atMost: max(limit, ClientID.drawnLength)).map(ClientID.init)
        // An id that the relay may have drawn comes back, whatever the limit.
        guard let decoded, decoded.bytes.count <= limit || decoded.mayBeDrawn else { throw .clientIDTooLong }
        return decoded
    }

    private func checkedMaxClients(in bytes: Span<UInt8>) throws(RelayError) -> Int {
        guard let maxClients, maxClients.kind == .number,
            let asked = JSONNumber(maxClients.range, in: bytes).positiveRoundedUp
        else { throw .maxClientsInvalid }
        return asked
    }

    private func controllerURL(in bytes: Span<UInt8>) throws(RelayError) -> ControllerURL? {
        // A typed serialiser writes an absent value as null.
        guard let url, url.kind != .null else { return nil }
        guard url.kind == .string, let decoded = url.decodedString(in: bytes, loneSurrogate: .replaced) else {
            throw .urlNotAString
        }
        return try ControllerURL(String(decoding: decoded, as: UTF8.self))
    }
}

extension JSONValue {
    fileprivate var isNonEmptyString: Bool {
        kind == .string && range.count > 2
    }
}
