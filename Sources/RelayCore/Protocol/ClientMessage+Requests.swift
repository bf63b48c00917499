/// The limits that a message is held to; 0 switches one off.
package struct MessageLimits: Hashable, Sendable {
    package var maxClientsPerRoom: Int
    package var maxClientIDBytes: Int

    package init(maxClientsPerRoom: Int, maxClientIDBytes: Int) {
        self.maxClientsPerRoom = maxClientsPerRoom
        self.maxClientIDBytes = maxClientIDBytes
    }
}

/// What a valid `create` asks for.
package struct CreateRequest: Sendable {
    package let clientID: ClientID
    /// Rounded up to a whole number and held to the limit, without one to `Int.max`.
    package let maxClients: Int
    /// Whether more was asked for than the limit allows.
    package let isClamped: Bool
    package let url: ControllerURL?
}

/// What a valid `join` asks for.
package struct JoinRequest: Hashable, Sendable {
    package let clientID: ClientID
    /// Nil if the text can be no room's code: nothing is wrong with the request, but there is no such room.
    package let room: RoomCode?
}

/// Whom a `send` is for.
package enum Recipient: Hashable, Sendable {
    /// Every member but the sender.
    case others
    /// One member, the sender itself included; whether anybody is connected there is not known yet.
    case slot(Slot)
}

// The checks that need neither a room nor the connection's state, in the order in which the first one to fail answers.
extension ClientMessage {
    /// How large a snapshot may be, in bytes as sent.
    package static let maximumStateBytes = 16_384

    package func createRequest(
        in bytes: Span<UInt8>, limits: MessageLimits
    ) throws(RelayError) -> CreateRequest {
        let clientID = try checkedClientID(in: bytes, limits: limits)
        let asked = try checkedMaxClients(in: bytes)
        let limit = limits.maxClientsPerRoom == 0 ? Int.max : limits.maxClientsPerRoom
        return CreateRequest(
            clientID: clientID, maxClients: min(asked, limit), isClamped: asked > limit,
            url: try controllerURL(in: bytes))
    }

    package func joinRequest(in bytes: Span<UInt8>, limits: MessageLimits) throws(RelayError) -> JoinRequest {
        let clientID = try checkedClientID(in: bytes, limits: limits)
        guard let room, room.isNonEmptyString else { throw .roomRequired }
        let code = room.decodedString(in: bytes, atMost: RoomCode.length)
        return JoinRequest(clientID: clientID, room: code.flatMap { RoomCode($0.span) })
    }

    /// Throws `targetNotFound` if `to` is there but names no slot; only the room knows whether the slot is taken.
    package func recipient(in bytes: Span<UInt8>) throws(RelayError) -> Recipient {
        guard let to else { return .others }
        guard to.kind == .number, let index = JSONNumber(to.range, in: bytes).nonNegativeInteger else {
            throw .targetNotFound
        }
        return .slot(Slot(index))
    }

    /// Where the snapshot lies; `null` is one.
    package func stateData() throws(RelayError) -> Range<Int> {
        guard let data else { throw .stateDataRequired }
        guard data.range.count <= Self.maximumStateBytes else { throw .stateTooLarge }
        return data.range
    }

    private func checkedClientID(in bytes: Span<UInt8>, limits: MessageLimits) throws(RelayError) -> ClientID {
        guard let clientID, clientID.isNonEmptyString else { throw .clientIDRequired }
        let limit = limits.maxClientIDBytes == 0 ? Int.max : limits.maxClientIDBytes
        guard let decoded = clientID.decodedString(in: bytes, atMost: limit) else { throw .clientIDTooLong }
        return ClientID(decoded)
    }

    private func checkedMaxClients(in bytes: Span<UInt8>) throws(RelayError) -> Int {
        guard let maxClients, maxClients.kind == .number,
            let asked = JSONNumber(maxClients.range, in: bytes).positiveRoundedUp
        else { throw .maxClientsNotPositive }
        return asked
    }

    private func controllerURL(in bytes: Span<UInt8>) throws(RelayError) -> ControllerURL? {
        guard let url else { return nil }
        guard url.kind == .string, let decoded = url.decodedString(in: bytes, loneSurrogate: .replaced) else {
            throw .urlNotString
        }
        return try ControllerURL(String(decoding: decoded, as: UTF8.self))
    }
}

extension JSONValue {
    fileprivate var isNonEmptyString: Bool {
        kind == .string && range.count > 2
    }
}
