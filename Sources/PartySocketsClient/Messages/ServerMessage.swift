#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A message of the relay.
enum ServerMessage: Hashable, Sendable {
    /// The answer to `create` or `join`.
    case entered(Entrance)
    case state(RawJSON)
    case message(from: Int, RawJSON?)
    case peerJoined(Int, isBack: Bool)
    case peerLeft(Int, reason: String?, isHeld: Bool)
    case peerReplaced(Int)
    case moved
    case pong(Int?)
    case ticket(Int, String)
    case error(PartyError)
    /// No message of the protocol, or of a newer one.
    case unreadable

    /// What `created` and `joined` say.
    struct Entrance: Hashable, Sendable {
        var code: String
        var index = 0
        /// Nobody in a room that was just created.
        var peers: [Int] = []
        var away: [Int] = []
        var url: String?
        var instance: String?
        var region: String?
        /// Nil from a relay without the protocol's additions.
        var maxClients: Int?
        var hold: Double?
    }

    init(_ text: [UInt8]) {
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(text)) else {
            self = .unreadable
            return
        }
        self = Self(fields, in: text) ?? .unreadable
    }

    private init?(_ fields: Fields, in text: [UInt8]) {
        switch (fields.type, fields.index) {
        case ("created", _), ("joined", _):
            guard let entrance = fields.entrance else { return nil }
            self = .entered(entrance)
        case ("state", _):
            guard let data = JSONMember.value(of: "data", in: text) else { return nil }
            self = .state(data)
        case ("message", _):
            guard let sender = fields.from else { return nil }
            self = .message(from: sender, JSONMember.value(of: "data", in: text))
        case ("peer_joined", let index?): self = .peerJoined(index, isBack: fields.back ?? false)
        case ("peer_left", let index?):
            self = .peerLeft(index, reason: fields.reason, isHeld: fields.held ?? false)
        case ("peer_replaced", let index?): self = .peerReplaced(index)
        case ("moved", _): self = .moved
        case ("pong", _): self = .pong(fields.t)
        case ("ticket", let index?):
            guard let ticket = fields.ticket else { return nil }
            self = .ticket(index, ticket)
        case ("error", _):
            guard let message = fields.message else { return nil }
            let wait = fields.retryAfter.map { Duration.seconds(min(max($0, 0), 3_600)) }
            self = .error(PartyError(message: message, code: fields.code, retryAfter: wait))
        default: return nil
        }
    }

    /// The fields of all messages, but `data`, which is any JSON.
    private struct Fields: Decodable {
        let type: String
        let room: String?
        let index: Int?
        let peers: [Int]?
        let away: [Int]?
        let url: String?
        let instance: String?
        let region: String?
        let maxClients: Double?
        let hold: Double?
        let from: Int?
        let back: Bool?
        let reason: String?
        let held: Bool?
        let message: String?
        let code: String?
        let retryAfter: Double?
        let t: Int?
        let ticket: String?

        var entrance: Entrance? {
            guard let room, let index else { return nil }
            return Entrance(
                code: room, index: index, peers: peers ?? [], away: away ?? [], url: url, instance: instance,
                region: region, maxClients: maxClients.map { Int(min(max($0, 0), 1e9)) }, hold: hold)
        }
    }
}
