/// A client's message: a complete, valid JSON text, and the ranges of the fields that its relaying takes.
///
/// Fields are decoded only on demand: for a `send`, by far the most frequent message, never. All methods take the same
/// bytes that were parsed.
@usableFromInline
package struct ClientMessage: Sendable {
    @usableFromInline
    package enum Kind: Sendable {
        case create, join, send, setState, closeRoom, leave, ping, kick, lock, ticket
    }

    @usableFromInline package let kind: Kind
    @usableFromInline package let data: JSONValue?
    @usableFromInline package let to: JSONValue?

    /// Validates the whole text and finds the fields of its outermost object; the last of duplicate fields counts.
    package static func parse(_ bytes: Span<UInt8>) throws(RelayError) -> ClientMessage {
        let message: ClientMessage?
        do throws(MalformedJSON) {
            if let send = UsualSend(startOf: bytes) {
                message = try send.parse(bytes)
            } else {
                message = try parseAny(bytes)
            }
        } catch {
            throw .invalidJSON
        }
        guard let message else { throw .unknownMessageType }
        return message
    }

    /// Parses a message of any layout; nil if it is of no known type.
    @inline(never)
    private static func parseAny(_ bytes: Span<UInt8>) throws(MalformedJSON) -> ClientMessage? {
        var fields = RelayedFields()
        try fields.read(bytes)
        return fields.message(in: bytes)
    }

    /// Parses the rest of a message of which so much is known.
    @inline(never)
    static func parseRest(
        of bytes: Span<UInt8>, behind data: JSONValue, type: JSONValue, to: JSONValue?
    ) throws(MalformedJSON) -> ClientMessage? {
        var fields = RelayedFields(type: type, data: data, to: to)
        var scanner = JSONScanner(at: data.range.upperBound)
        try fields.readRest(of: bytes, with: &scanner)
        return fields.message(in: bytes)
    }

    /// The other fields, which are looked for only where a message needs them.
    package func details(in bytes: Span<UInt8>) -> MessageDetails {
        var details = MessageDetails()
        // It cannot throw: the text has been validated.
        try? details.read(bytes)
        return details
    }
}

/// The fields of a message beside those of a `send`, as far as it has them.
package struct MessageDetails: Sendable {
    package fileprivate(set) var clientID: JSONValue?
    package fileprivate(set) var maxClients: JSONValue?
    package fileprivate(set) var url: JSONValue?
    package fileprivate(set) var room: JSONValue?
    package fileprivate(set) var hold: JSONValue?
    package fileprivate(set) var version: JSONValue?
    package fileprivate(set) var index: JSONValue?
    package fileprivate(set) var ban: JSONValue?
    package fileprivate(set) var locked: JSONValue?
    package fileprivate(set) var ticket: JSONValue?
    package fileprivate(set) var echo: JSONValue?

    fileprivate init() {}
}

extension ClientMessage.Kind {
    fileprivate init?(type: JSONValue, in text: Span<UInt8>) {
        if type.range.count == 6, text.isSend(at: type.range.lowerBound) {
            self = .send
        } else if type.isString("send", in: text) {
            // With escapes.
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

extension Span<UInt8> {
    /// True if `"send"` begins here and is not the end.
    @inline(__always)
    fileprivate func isSend(at offset: Int) -> Bool {
        word(at: offset) & 0xFFFF_FFFF_FFFF == UInt64(bytesOf: "\"send\"")
    }
}

/// Fields of the outermost object, as a reader finds them.
private protocol FieldSet {
    mutating func set(_ key: JSONValue, to value: JSONValue, in text: Span<UInt8>)
    /// Reads the member that starts here.
    mutating func readMember(of text: Span<UInt8>, with scanner: inout JSONScanner) throws(MalformedJSON)
}

extension FieldSet {
    /// Reads a whole text. A text that is not an object has no fields.
    mutating func read(_ text: Span<UInt8>) throws(MalformedJSON) {
        var scanner = JSONScanner()
        scanner.skipWhiteSpace(in: text)
        if scanner.skip(UInt8(ascii: "{"), in: text) {
            scanner.skipWhiteSpace(in: text)
            if !scanner.skip(UInt8(ascii: "}"), in: text) {
                try readMember(of: text, with: &scanner)
                return try readRest(of: text, with: &scanner)
            }
        } else {
            _ = try scanner.scanValue(in: text)
        }
        try scanner.finish(in: text)
    }

    /// Reads the members behind one, and the end of the text.
    mutating func readRest(of text: Span<UInt8>, with scanner: inout JSONScanner) throws(MalformedJSON) {
        while true {
            scanner.skipWhiteSpace(in: text)
            if scanner.skip(UInt8(ascii: "}"), in: text) { return try scanner.finish(in: text) }
            guard scanner.skip(UInt8(ascii: ","), in: text) else { throw MalformedJSON() }
            scanner.skipWhiteSpace(in: text)
            try readMember(of: text, with: &scanner)
        }
    }

    mutating func readMember(of text: Span<UInt8>, with scanner: inout JSONScanner) throws(MalformedJSON) {
        try readAnyMember(of: text, with: &scanner)
    }

    /// Reads the member that starts here, whatever its key.
    @inline(never)
    mutating func readAnyMember(of text: Span<UInt8>, with scanner: inout JSONScanner) throws(MalformedJSON) {
        let key = try scanner.scanKey(in: text)
        let value = try scanner.scanValue(in: text, depth: 1)
        set(JSONValue(kind: .string, range: key), to: value, in: text)
    }
}

private struct RelayedFields: FieldSet {
    var type: JSONValue?
    var data: JSONValue?
    var to: JSONValue?

    /// The message that has these fields; nil if it is of no known type.
    func message(in text: Span<UInt8>) -> ClientMessage? {
        guard let kind = type.flatMap({ ClientMessage.Kind(type: $0, in: text) }) else { return nil }
        return ClientMessage(kind: kind, data: data, to: to)
    }

    /// Knows its keys, as programs write them, at one look.
    @inline(__always)
    mutating func readMember(of text: Span<UInt8>, with scanner: inout JSONScanner) throws(MalformedJSON) {
        let start = scanner.position
        let word = text.word(at: start)
        if word & 0xFF_FFFF_FFFF_FFFF == UInt64(bytesOf: "\"data\":") {
            scanner.advance(by: 7)
            scanner.skipWhiteSpace(in: text)
            data = try scanner.scanValue(in: text, depth: 1)
        } else if word & 0xFF_FFFF_FFFF_FFFF == UInt64(bytesOf: "\"type\":") {
            scanner.advance(by: 7)
            if text.isSend(at: start &+ 7) {
                scanner.advance(by: 6)
                type = JSONValue(kind: .string, range: start &+ 7..<start &+ 13)
            } else {
                scanner.skipWhiteSpace(in: text)
                type = try scanner.scanValue(in: text, depth: 1)
            }
        } else if word & 0xFF_FFFF_FFFF == UInt64(bytesOf: "\"to\":") {
            scanner.advance(by: 5)
            scanner.skipWhiteSpace(in: text)
            to = try scanner.scanValue(in: text, depth: 1)
        } else {
            try readAnyMember(of: text, with: &scanner)
        }
    }

    @inline(__always)
    mutating func set(_ key: JSONValue, to value: JSONValue, in text: Span<UInt8>) {
        if key.isString("type", in: text) {
            type = value
        } else if key.isString("data", in: text) {
            data = value
        } else if key.isString("to", in: text) {
            to = value
        }
    }
}

extension MessageDetails: FieldSet {
    fileprivate mutating func set(_ key: JSONValue, to value: JSONValue, in text: Span<UInt8>) {
        if key.isString("clientId", in: text) {
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
