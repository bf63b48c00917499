/// The kind and the essential fields of a server's text, read from its first bytes.
///
/// The protocol fixes the order of the fields, so no JSON parser is needed. The texts of a server that writes them
/// differently count as errors.
struct ServerText: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case created, joined, state, peer, message, error
        /// Not a text of the protocol.
        case unknown
    }

    let kind: Kind
    /// The sender's slot of a `message`, the client's own of a `joined`; otherwise 0.
    let slot: Int
    /// The range of the room's code in a `created` or `joined`, or of the text of an `error`.
    let code: Range<Int>

    /// The number of bytes needed; a shorter text must be complete.
    static let headLength = 96

    init(_ kind: Kind, slot: Int = 0, code: Range<Int> = 0..<0) {
        self.kind = kind
        self.slot = slot
        self.code = code
    }

    /// Reads the text at a range, whose first `headLength` bytes must be present.
    @inline(__always)
    init(_ bytes: Span<UInt8>, in range: Range<Int>) {
        let start = range.lowerBound
        // Checks only two bytes of the common prefix: other texts do not pass for a message by chance.
        guard range.count > 12, bytes[start] == UInt8(ascii: "{"), bytes[start + 8] == UInt8(ascii: "\"") else {
            self.init(.unknown)
            return
        }
        switch bytes[start + ServerText.kindOffset] {
        case UInt8(ascii: "m"):
            let slot = ServerText.number(bytes, at: start + ServerText.senderOffset, end: range.upperBound)
            self.init(.message, slot: slot)
        case UInt8(ascii: "c"): self.init(.created, in: bytes, range, codeAt: 26)
        case UInt8(ascii: "j"): self.init(.joined, in: bytes, range, codeAt: 25)
        case UInt8(ascii: "p"): self.init(.peer)
        case UInt8(ascii: "s"): self.init(.state)
        case UInt8(ascii: "e"): self.init(.error, code: ServerText.errorText(in: bytes, range))
        default: self.init(.unknown)
        }
    }

    /// `{"type":"created","room":C,…` or `{"type":"joined","room":C,"index":i,…`.
    private init(_ kind: Kind, in bytes: Span<UInt8>, _ range: Range<Int>, codeAt offset: Int) {
        let start = range.lowerBound + offset
        var end = start
        while end < min(range.upperBound, start + 32), bytes[end] != UInt8(ascii: "\"") { end += 1 }
        guard end > start, end < range.upperBound, bytes[end] == UInt8(ascii: "\"") else {
            self.init(.unknown)
            return
        }
        let indexStart = end + #"","index":"#.utf8.count
        let slot = kind == .joined ? ServerText.number(bytes, at: indexStart, end: range.upperBound) : 0
        self.init(kind, slot: slot, code: start..<end)
    }

    /// The text of an `error`, as far as its first bytes have it, with a `?` for each control character: the server may
    /// be anybody's, and a terminal shows it.
    func message(in bytes: Span<UInt8>) -> String {
        let text = String(decoding: code.map { bytes[$0] }, as: UTF8.self)
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }

    /// `{"type":"error","message":M`.
    private static func errorText(in bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int> {
        let start = range.lowerBound + #"{"type":"error","message":""#.utf8.count
        let last = min(range.lowerBound + headLength, range.upperBound)
        guard start < last else { return 0..<0 }
        var end = start
        while end < last, bytes[end] != UInt8(ascii: "\"") { end += 1 }
        return start..<end
    }

    private static var kindOffset: Int { StaticString(#"{"type":""#).utf8CodeUnitCount }
    private static var senderOffset: Int { StaticString(#"{"type":"message","from":"#).utf8CodeUnitCount }

    @inline(__always)
    private static func number(_ bytes: Span<UInt8>, at start: Int, end: Int) -> Int {
        var value = 0
        var index = start
        // No slot has as many as seven digits.
        while index < end, index < start + 7 {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ Int(digit)
            index += 1
        }
        return value
    }
}
