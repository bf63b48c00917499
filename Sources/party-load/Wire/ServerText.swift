/// What a text of the server says, as far as its first bytes tell.
///
/// The protocol fixes the order of the fields, so the kind and the one number that matters are found without a JSON parser. A
/// server that writes them in another way is not understood: its texts count as errors.
struct ServerText: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case created, joined, state, peer, message, error
        /// Nothing of the protocol.
        case unknown
    }

    let kind: Kind
    /// The sender's slot of a `message`, one's own of a `joined`; 0 where there is none.
    let slot: Int
    /// Where the room's code stands in a `created` or `joined`.
    let code: Range<Int>

    /// How many bytes suffice; a shorter text must be whole.
    static let headLength = 96

    init(_ kind: Kind, slot: Int = 0, code: Range<Int> = 0..<0) {
        self.kind = kind
        self.slot = slot
        self.code = code
    }

    /// Reads the text that stands at the range, of which the first `headLength` bytes must be there.
    @inline(__always)
    init(_ bytes: Span<UInt8>, in range: Range<Int>) {
        let start = range.lowerBound
        // Of what all texts begin with only two bytes: others cannot pass for a message by chance.
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
        case UInt8(ascii: "e"): self.init(.error)
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

    private static var kindOffset: Int { StaticString(#"{"type":""#).utf8CodeUnitCount }
    private static var senderOffset: Int { StaticString(#"{"type":"message","from":"#).utf8CodeUnitCount }

    @inline(__always)
    private static func number(_ bytes: Span<UInt8>, at start: Int, end: Int) -> Int {
        var value = 0
        var index = start
        // Seven digits are more than any slot has.
        while index < end, index < start + 7 {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = value &* 10 &+ Int(digit)
            index += 1
        }
        return value
    }
}
