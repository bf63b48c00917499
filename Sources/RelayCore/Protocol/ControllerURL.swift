/// The URL template of a room's controller page, as the host sent it; it may contain `{room}` and `{instance}`.
///
/// It has passed every check that needs no values; whether it is an `https` URL, or an `http` URL of this computer, is
/// checked when it is filled.
package struct ControllerURL: Sendable {
    /// The largest template, in bytes of UTF-8.
    package static let maximumBytes = 512

    private let parts: [Part]

    private enum Part {
        case text(String)
        case room
        case instance
    }

    package init(_ template: String) throws(RelayError) {
        let bytes = Array(template.utf8)
        guard bytes.count <= Self.maximumBytes else { throw .urlTooLarge }
        guard !bytes.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else { throw .urlHasSpaces }
        parts = try Self.parse(bytes[...])
    }

    /// The template if what it names depends on the machine; nil if its URL is the same on every machine.
    package var templateOfMachine: String? {
        guard parts.contains(where: { if case .instance = $0 { true } else { false } }) else { return nil }
        return parts.map { part in
            switch part {
            case .text(let text): text
            case .room: "{room}"
            case .instance: "{instance}"
            }
        }.joined()
    }

    /// Splits the template. A placeholder's name runs to the next closing brace, whatever it contains; a lone brace is
    /// reported only after all names have been checked.
    private static func parse(_ template: ArraySlice<UInt8>) throws(RelayError) -> [Part] {
        var parts: [Part] = []
        var rest = template
        var hasUnmatchedBrace = false
        func text(_ bytes: ArraySlice<UInt8>) -> Part {
            hasUnmatchedBrace =
                hasUnmatchedBrace || bytes.contains { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }
            return .text(String(decoding: bytes, as: UTF8.self))
        }
        while let open = rest.firstIndex(of: UInt8(ascii: "{")),
            let close = rest[open...].firstIndex(of: UInt8(ascii: "}"))
        {
            parts.append(text(rest[..<open]))
            switch String(decoding: rest[(open + 1)..<close], as: UTF8.self) {
            case "room": parts.append(.room)
            case "instance": parts.append(.instance)
            case let name: throw .unknownURLPlaceholder(name)
            }
            rest = rest[(close + 1)...]
        }
        parts.append(text(rest))
        guard !hasUnmatchedBrace else { throw .unmatchedURLBrace }
        return parts
    }

    /// The URL for one room. Values are filled in once: braces in a value are not placeholders.
    package func filled(room: RoomCode, instance: InstanceID?) throws(RelayError) -> String {
        let filled = parts.map { part in
            switch part {
            case .text(let text): text
            case .room: Self.percentEncoded(room.description)
            case .instance: Self.percentEncoded(instance?.text ?? "")
            }
        }.joined()
        guard let url = WebURL(filled) else { throw .urlInvalid }
        // A developer's own computer needs no certificate.
        guard url.scheme == "https" || url.scheme == "http" && url.isLocal else { throw .urlNotHTTPS }
        return filled
    }

    /// `value` with all but letters, digits and `-_.!~*'()` in percent encoding, as `encodeURIComponent` has it.
    static func percentEncoded(_ value: String) -> String {
        let plain = "-_.!~*'()".utf8
        let hexDigits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                bytes.append(byte)
            case _ where plain.contains(byte):
                bytes.append(byte)
            default:
                bytes += [UInt8(ascii: "%"), hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 0x0F)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
