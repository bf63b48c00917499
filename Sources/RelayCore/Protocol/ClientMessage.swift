/// A client's message: a complete, valid JSON text, and the ranges of its fields.
///
/// Fields are decoded only on demand: for a `send`, by far the most frequent message, never. All methods take the same
/// bytes that were parsed.
package struct ClientMessage: Sendable {
    package enum Kind: Sendable {
        case create, join, send, setState, closeRoom, leave, ping, kick, lock, ticket
    }

    package let kind: Kind
    package let clientID: JSONValue?
    package let maxClients: JSONValue?
    package let url: JSONValue?
    package let room: JSONValue?
    package let data: JSONValue?
    package let to: JSONValue?
    package let hold: JSONValue?
    package let version: JSONValue?
    package let index: JSONValue?
    package let ban: JSONValue?
    package let locked: JSONValue?
    package let ticket: JSONValue?
    package let echo: JSONValue?

    /// Validates the whole text and finds the fields of its outermost object; the last of duplicate fields counts.
    package static func parse(_ bytes: Span<UInt8>) throws(RelayError) -> ClientMessage {
        var fields = Fields()
        do throws(MalformedJSON) {
            try fields.read(bytes)
        } catch {
            throw .invalidJSON
        }
        guard let kind = fields.type.flatMap({ Kind(type: $0, in: bytes) }) else { throw .unknownMessageType }
        return ClientMessage(kind: kind, fields: fields)
    }

    private init(kind: Kind, fields: Fields) {
        self.kind = kind
        clientID = fields.clientID
        maxClients = fields.maxClients
        url = fields.url
        room = fields.room
        data = fields.data
        to = fields.to
        hold = fields.hold
        version = fields.version
        index = fields.index
        ban = fields.ban
        locked = fields.locked
        ticket = fields.ticket
        echo = fields.echo
    }
}

extension ClientMessage.Kind {
    fileprivate init?(type: JSONValue, in text: Span<UInt8>) {
        if type.isString("send", in: text) {
            self = .send
        } else if type.isString("join", in: text) {
            self = .join
        } else if type.isString("create", in: text) {
            self = .create
        } else if type.isString("set_state", in: text) {
            self = .setState
        } else if type.isString("close_room", in: text) {
            self = .closeRoom
        } else if type.isString("leave", in: text) {
            self = .leave
        } else if type.isString("ping", in: text) {
            self = .ping
        } else if type.isString("kick", in: text) {
            self = .kick
        } else if type.isString("lock", in: text) {
            self = .lock
        } else if type.isString("ticket", in: text) {
            self = .ticket
        } else {
            return nil
        }
    }
}

/// The fields that the relay reads, as far as they have been found.
private struct Fields {
    var type: JSONValue?
    var clientID: JSONValue?
    var maxClients: JSONValue?
    var url: JSONValue?
    var room: JSONValue?
    var data: JSONValue?
    var to: JSONValue?
    var hold: JSONValue?
    var version: JSONValue?
    var index: JSONValue?
    var ban: JSONValue?
    var locked: JSONValue?
    var ticket: JSONValue?
    var echo: JSONValue?

    /// Reads a whole text. A text that is not an object has no fields.
    mutating func read(_ text: Span<UInt8>) throws(MalformedJSON) {
        var scanner = JSONScanner()
        scanner.skipWhiteSpace(in: text)
        if scanner.skip(UInt8(ascii: "{"), in: text) {
            try readMembers(of: text, with: &scanner)
        } else {
            _ = try scanner.scanValue(in: text)
        }
        try scanner.finish(in: text)
    }

    private mutating func readMembers(
        of text: Span<UInt8>, with scanner: inout JSONScanner
    ) throws(MalformedJSON) {
        scanner.skipWhiteSpace(in: text)
        if scanner.skip(UInt8(ascii: "}"), in: text) { return }
        while true {
            let key = try scanner.scanKey(in: text)
            let value = try scanner.scanValue(in: text, depth: 1)
            set(key, to: value, in: text)
            scanner.skipWhiteSpace(in: text)
            if scanner.skip(UInt8(ascii: "}"), in: text) { return }
            guard scanner.skip(UInt8(ascii: ","), in: text) else { throw MalformedJSON() }
            scanner.skipWhiteSpace(in: text)
        }
    }

    private mutating func set(_ key: Range<Int>, to value: JSONValue, in text: Span<UInt8>) {
        let key = JSONValue(kind: .string, range: key)
        if key.isString("type", in: text) {
            type = value
        } else if key.isString("data", in: text) {
            data = value
        } else if key.isString("to", in: text) {
            to = value
        } else if key.isString("clientId", in: text) {
            clientID = value
        } else if key.isString("room", in: text) {
            room = value
        } else if key.isString("maxClients", in: text) {
            maxClients = value
        } else if key.isString("url", in: text) {
            url = value
        } else if key.isString("hold", in: text) {
            hold = value
        } else if key.isString("v", in: text) {
            version = value
        } else if key.isString("t", in: text) {
            echo = value
        } else if key.isString("index", in: text) {
            index = value
        } else if key.isString("ban", in: text) {
            ban = value
        } else if key.isString("locked", in: text) {
            locked = value
        } else if key.isString("ticket", in: text) {
            ticket = value
        }
    }
}
