/// The start of a `send` as programs write one: without white space and escapes, `type` first, and `to`, if it stands
/// before the data, of one digit.
///
/// By far the most messages begin so, and it takes a few words to see. All others, and those that go on in another way,
/// are read member by member.
struct UsualSend {
    /// The place of the data, or of white space before it.
    private let start: Int
    private let to: JSONValue?

    /// Nil for a message that begins in any other way.
    @inline(__always)
    init?(startOf text: Span<UInt8>) {
        guard text.word(at: 0) == UInt64(bytesOf: #"{"type":"#), text.word(at: 8) == UInt64(bytesOf: #""send",""#)
        else { return nil }
        let word = text.word(at: 16)
        if word & 0xFFFF_FFFF_FFFF == UInt64(bytesOf: #"data":"#) {
            (start, to) = (22, nil)
        } else if word.isLike(#"to":0,"d"#, digitAt: 4),
            text.word(at: 24) & 0xFF_FFFF_FFFF == UInt64(bytesOf: #"ata":"#)
        {
            (start, to) = (29, JSONValue(kind: .number, range: 20..<21))
        } else {
            return nil
        }
    }

    /// Parses the data and what is behind it: most often nothing, or `to` with one digit.
    @inline(__always)
    func parse(_ text: Span<UInt8>) throws(MalformedJSON) -> ClientMessage? {
        let start = JSONScanner.endOfWhiteSpace(start, in: text)
        let data = try JSONScanner.value(at: start, in: text, depth: 1)
        let end = data.range.upperBound
        if end &+ 1 == text.count, text.byte(at: end) == UInt8(ascii: "}") {
            return ClientMessage(kind: .send, data: data, to: to)
        }
        if end &+ 8 == text.count, text.word(at: end).isLike(#","to":0}"#, digitAt: 6) {
            let to = JSONValue(kind: .number, range: end &+ 6..<end &+ 7)
            return ClientMessage(kind: .send, data: data, to: to)
        }
        let type = JSONValue(kind: .string, range: 8..<14)
        return try ClientMessage.parseRest(of: text, behind: data, type: type, to: to)
    }
}

extension UInt64 {
    /// True if its bytes, the first one lowest, are those of the literal, which has a 0 where any digit may be.
    @inline(__always)
    fileprivate func isLike(_ literal: StaticString, digitAt place: UInt64) -> Bool {
        // A digit differs from 0 by its value. Turned so that it is lowest, the difference is that value.
        let difference = self ^ UInt64(bytesOf: literal)
        return difference &>> (8 &* place) | difference &<< (64 &- 8 &* place) <= 9
    }
}
