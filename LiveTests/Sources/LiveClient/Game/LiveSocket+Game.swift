internal import FoundationEssentials

/// A room, and the connection that created it.
package struct LiveRoom: Sendable {
    package let created: Created
    package let host: LiveSocket

    package var code: String { created.room }

    /// A path with the pin of the room's machine, if that has an id.
    package func pinned(_ path: String) -> String {
        created.instance.isEmpty ? path : "\(path)?instance=\(created.instance)"
    }
}

extension LiveSocket {
    /// Creates a room.
    ///
    /// - Parameter url: a controller URL with placeholders, without quotes.
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

    /// Asks to join a room, and leaves the answer to be read.
    package func join(_ code: String, as clientID: ClientID = ClientID()) {
        send(#"{"type":"join","clientId":"\#(clientID.text)","room":"\#(code)"}"#)
    }

    /// Joins a room, and checks that it gets the expected slot and these peers.
    package func join(
        _ code: String, as clientID: ClientID = ClientID(), slot: Int, peers: some Sequence<Int>
    ) async throws {
        join(code, as: clientID)
        let list = peers.map(String.init).joined(separator: ",")
        try await expect(#"{"type":"joined","room":"\#(code)","index":\#(slot),"peers":[\#(list)]}"#)
    }

    /// Reads one message, which must be exactly this one.
    package func expect(_ message: String) async throws {
        try await expect(.text(message))
    }

    /// Reads the end of the connection, which must come with this close frame.
    package func expectClose(_ code: Int, _ reason: String) async throws {
        try await expect(.close(code: code, reason: reason))
    }

    /// Checks that this client has been sent nothing up to now, by means of an echo to itself: the events of a room
    /// have one order.
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

/// A player's secret, with which it gets its slot back.
package struct ClientID: Hashable, Sendable {
    let text: String

    package init() {
        text = (0..<4).map { _ in String(UInt32.random(in: 0 ... .max), radix: 16) }.joined(separator: "-")
    }
}
