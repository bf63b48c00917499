/// The strong validator of what a path serves (RFC 9110, section 8.8.3): with another byte it is another tag.
package struct EntityTag: Hashable, Sendable {
    private let opaque: [UInt8]

    /// - Parameter opaque: visible characters without a quote.
    package init(_ opaque: String) {
        precondition(opaque.utf8.allSatisfy(EntityTag.isOpaque), "A tag's text ends with the quote behind it")
        self.opaque = Array(opaque.utf8)
    }

    /// The tag as a field has it, in quotes.
    package var text: String { "\"\(String(decoding: opaque, as: UTF8.self))\"" }

    /// True if `If-None-Match` names this tag, or any: then the client has these very bytes.
    ///
    /// Tags are compared weakly, since a proxy that compresses weakens them on the way (section 13.1.2). What comes
    /// behind a mistake in the list does not count, so at worst the client is sent what it has.
    package func isNamed(by head: some MessageHead, in bytes: Span<UInt8>) -> Bool {
        for field in head.fields where HeaderName.ifNoneMatch.matches(bytes, field.name) {
            if isNamed(in: bytes.extracting(field.value)) { return true }
        }
        return false
    }

    private func isNamed(in list: Span<UInt8>) -> Bool {
        if list.count == 1, list[0] == UInt8(ascii: "*") { return true }
        var position = 0
        while let tag = EntityTag.next(in: list, from: &position) {
            if tag.count == opaque.count, tag.indices.allSatisfy({ list[$0] == opaque[$0 - tag.lowerBound] }) {
                return true
            }
        }
        return false
    }

    /// The text between the quotes of the next tag in a list; nil at the end, and at a mistake.
    private static func next(in list: Span<UInt8>, from position: inout Int) -> Range<Int>? {
        while position < list.count, isSeparator(list[position]) { position += 1 }
        let isWeak =
            position + 1 < list.count && list[position] == UInt8(ascii: "W") && list[position + 1] == UInt8(ascii: "/")
        let start = position + (isWeak ? 3 : 1)
        guard start < list.count, list[start - 1] == UInt8(ascii: "\"") else { return nil }
        var end = start
        while end < list.count, isOpaque(list[end]) { end += 1 }
        guard end < list.count, list[end] == UInt8(ascii: "\"") else { return nil }
        position = end + 1
        // One tag is not followed by another without a comma between them.
        while position < list.count, ByteClass.isOptionalWhitespace(list[position]) { position += 1 }
        guard position == list.count || list[position] == UInt8(ascii: ",") else { return nil }
        return start..<end
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || ByteClass.isOptionalWhitespace(byte)
    }

    private static func isOpaque(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte != UInt8(ascii: "\"") && byte != 0x7F
    }
}
