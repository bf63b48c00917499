internal import FoundationEssentials

/// A room, and the connection that created it.
package struct LiveRoom: Sendable {
    package let created: Created
    package let host: LiveSocket

    package var code: String { created.room }

    /// A path with the pin that leads to the room's machine, if that has an id.
    package func pinned(_ path: String) -> String {
        created.instance.isEmpty ? path : "\(path)?instance=\(created.instance)"
    }
}

extension LiveSocket {
    /// Creates a room.
    ///
    /// - Parameter url: a controller URL to be filled, without quotes.
    package func create(
        clientID: ClientID = ClientID(), maxClients: Int = 16, url: String? = nil
    ) async throws -> LiveRoom {
        let field = url.map { #","url":"\#($0)""# } ?? ""
        send(#"{"type":"create","clientId":"\#(clientID.text)","maxClients":\#(maxClients)\#(field)}"#)
        let heard = try await hear(expecting: "created")
        guard case .text(let text) = heard, text.hasPrefix(#"{"type":"created","#),
            let created = try? JSONDecoder().decode(Created.self, from: Data(text.utf8))
        else { throw Unexpected(at: place, expected: "created", got: "\(heard)") }
        return LiveRoom(created: created, host: self)
    }

    /// Asks to join a room, and leaves the answer to be heard.
    package func join(_ code: String, as clientID: ClientID = ClientID()) {
        send(#"{"type":"join","clientId":"\#(clientID.text)","room":"\#(code)"}"#)
    }

    /// Joins a room, and takes the slot that is expected beside these peers.
    package func join(
        _ code: String, as clientID: ClientID = ClientID(), slot: Int, peers: some Sequence<Int>
    ) async throws {
        join(code, as: clientID)
        let list = peers.map(String.init).joined(separator: ",")
        try await expect(#"{"type":"joined","room":"\#(code)","index":\#(slot),"peers":[\#(list)]}"#)
    }

    /// Hears one message, which is to be exactly this one.
    package func expect(_ message: String) async throws {
        try await expect(.text(message))
    }

    /// Hears the end of the connection, which is to come with this close frame.
    package func expectClose(_ code: Int, _ reason: String) async throws {
        try await expect(.close(code: code, reason: reason))
    }

    /// Checks that nothing has been said to this client up to now, by means of an echo to itself: all that happens
    /// in a room happens in one order.
    package func expectNothing(slot: Int) async throws {
        let token = ClientID().text
        send(#"{"type":"send","to":\#(slot),"data":"\#(token)"}"#)
        try await expect(#"{"type":"message","from":\#(slot),"data":"\#(token)"}"#)
    }

    private func expect(_ expected: Heard) async throws {
        let heard = try await hear(expecting: "\(expected)")
        guard heard == expected else { throw Unexpected(at: place, expected: "\(expected)", got: "\(heard)") }
    }
}

/// A player's secret, which gets a slot back.
package struct ClientID: Hashable, Sendable {
    let text: String

    package init() {
        text = (0..<4).map { _ in String(UInt32.random(in: 0 ... .max), radix: 16) }.joined(separator: "-")
    }
}
