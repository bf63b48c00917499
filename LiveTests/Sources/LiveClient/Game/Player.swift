package import PartySocketsClient

/// A player, or the display of a game, by the client library that games use.
package struct Player: Sendable {
    /// The player and its site, for failure messages.
    package let place: String
    package let room: Room
    private let patience: Duration

    init(_ place: String, in room: Room, patience: Duration) {
        self.place = place
        self.room = room
        self.patience = patience
    }

    /// Reads on to the event that the closure takes. Those before it are passed over.
    package func hear<Value: Sendable>(
        _ expected: String, _ take: @escaping @Sendable (RoomEvent) -> Value?
    ) async throws -> Value {
        try await within(patience, at: place, expecting: expected) { [room, place] in
            for await event in room.events {
                if let value = take(event) { return value }
                if case .closed(let error) = event {
                    throw Unexpected(at: place, expected: expected, got: "the end: \(error)")
                }
            }
            throw Unexpected(at: place, expected: expected, got: "the end")
        }
    }

    /// Reads the next event but measurements, which must be this one.
    package func expect(_ expected: RoomEvent) async throws {
        let heard = try await hear("\(expected)") { event -> RoomEvent? in
            if case .rtt = event { nil } else { event }
        }
        guard heard == expected else { throw Unexpected(at: place, expected: "\(expected)", got: "\(heard)") }
    }

    /// Reads a message, which must have this JSON.
    package func expect(_ json: String, from sender: Int) async throws {
        try await expect(.message(from: sender, data: RawJSON(text: json)))
    }

    /// Reads on to the end, which must have this reason.
    package func expectEnd(_ code: PartyError.Code) async throws {
        let error = try await within(patience, at: place, expecting: code.rawValue) { [room] in
            for await event in room.events {
                if case .closed(let error) = event { return error }
            }
            throw CancellationError()
        }
        guard error.code == code else { throw Unexpected(at: place, expected: code.rawValue, got: "\(error)") }
    }
}

extension Visit {
    /// Creates a room on the machine that a pin names, or on the one that the load balancer chooses.
    package func host(
        on machine: Machine? = nil, maxClients: Int = 16, controllerURL: String? = nil, hold: Duration? = nil
    ) async throws -> Player {
        try await enter("host") { relay, options in
            try await Room.create(
                relay, maxClients: maxClients, controllerURL: controllerURL, hold: hold,
                options: options.pinned(to: machine?.id.description))
        }
    }

    /// Takes a seat in a room, by its code alone.
    ///
    /// - Parameters:
    ///   - secret: that of a player who was there before.
    ///   - ticket: a ticket of the host.
    /// - Throws: `PartyError`, as the library does.
    package func player(
        _ name: String, in code: String, as secret: PartySocketsClient.ClientID? = nil, ticket: String? = nil
    ) async throws -> Player {
        try await enter(name) { relay, options in
            var options = options
            options.clientID = secret
            return try await Room.join(relay, code: code, ticket: ticket, options: options)
        }
    }

    private func enter(
        _ name: String, _ body: (_ relay: String, _ options: RoomOptions) async throws -> Room
    ) async throws -> Player {
        var options = RoomOptions()
        options.timeout = site.patience
        options.trustedCertificates = site.authority
        let room = try await body(site.url.description, options)
        keep(room)
        return Player("\(name) at \(site.url)", in: room, patience: site.patience)
    }
}

extension RoomOptions {
    fileprivate func pinned(to instance: String?) -> RoomOptions {
        var options = self
        options.instance = instance
        return options
    }
}
