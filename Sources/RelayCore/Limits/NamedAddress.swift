package import RelayLimits

/// The client's address as the header of a proxy names it.
///
/// Proxies write an address alone, one with a port (`192.0.2.1:443`, `[2001:db8::1]:443`), a list to which each proxy
/// adds, or `Forwarded` elements (RFC 7239). All are read, whichever header it is.
package enum NamedAddress: Hashable, Sendable {
    /// The request has no such header, or one that is empty.
    case absent
    case address(ClientAddress)
    /// The proxy hides the address (`unknown`, `_name`), or writes it in a form that is not known.
    case unreadable

    /// Reads the value of one field: the last of a list counts. The nearest proxy has added it; anybody may have sent
    /// those before it.
    package init(_ value: Span<UInt8>) {
        guard let element = NamedAddress.lastElement(of: value) else {
            self = .absent
            return
        }
        let node = NamedAddress.node(element, in: value) ?? NamedAddress.forwardedNode(value, in: element)
        self = node.map { .address($0) } ?? .unreadable
    }

    package init(_ value: String) {
        self.init(value.utf8.span)
    }

    /// The element after the last comma outside of quotes, without white space around it; nil if all are empty.
    ///
    /// It is looked for from the end: what a client has sent comes first, and cannot hide with a quote what the proxy
    /// has added.
    private static func lastElement(of value: Span<UInt8>) -> Range<Int>? {
        var end = value.count
        while end > 0, isBlank(value[end - 1]) || value[end - 1] == UInt8(ascii: ",") { end -= 1 }
        guard end > 0 else { return nil }
        var start = end
        var isQuoted = false
        while start > 0 {
            switch value[start - 1] {
            case UInt8(ascii: "\"") where !isEscaped(start - 1, in: value): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: return trimmed(start..<end, in: value)
            default: break
            }
            start -= 1
        }
        return trimmed(0..<end, in: value)
    }

    /// True for an odd number of backslashes before the byte.
    private static func isEscaped(_ index: Int, in value: Span<UInt8>) -> Bool {
        var start = index
        while start > 0, value[start - 1] == UInt8(ascii: "\\") { start -= 1 }
        return (index - start) % 2 == 1
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private static func trimmed(_ range: Range<Int>, in value: Span<UInt8>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, isBlank(value[start]) { start += 1 }
        while end > start, isBlank(value[end - 1]) { end -= 1 }
        return start..<end
    }
}

// MARK: - Elements of Forwarded

extension NamedAddress {
    /// The address in the `for` of a `Forwarded` element (RFC 7239, section 4); nil if it has none, or more than one.
    private static func forwardedNode(_ value: Span<UInt8>, in element: Range<Int>) -> ClientAddress? {
        var found: Range<Int>?
        var start = element.lowerBound
        while start < element.upperBound {
            let end = endOfPair(from: start, in: value, before: element.upperBound)
            if let node = valueOfFor(trimmed(start..<end, in: value), in: value) {
                guard found == nil else { return nil }
                found = node
            }
            start = end + 1
        }
        return found.flatMap { node($0, in: value) }
    }

    /// The next semicolon outside of quotes, or the end of the element.
    private static func endOfPair(from start: Int, in value: Span<UInt8>, before limit: Int) -> Int {
        var index = start
        var isQuoted = false
        while index < limit {
            switch value[index] {
            case UInt8(ascii: "\"") where !isEscaped(index, in: value): isQuoted.toggle()
            case UInt8(ascii: ";") where !isQuoted: return index
            default: break
            }
            index += 1
        }
        return limit
    }

    /// The value of a pair whose name is `for`, in any case.
    private static func valueOfFor(_ pair: Range<Int>, in value: Span<UInt8>) -> Range<Int>? {
        let name = "for="
        guard pair.count >= name.utf8.count else { return nil }
        for (index, byte) in name.utf8.enumerated() {
            let found = value[pair.lowerBound + index]
            guard found == byte || found | 0x20 == byte else { return nil }
        }
        return pair.dropFirst(name.utf8.count)
    }
}

// MARK: - One address

extension NamedAddress {
    /// The address of one node: with or without quotes, brackets and a port (RFC 7239, section 6).
    private static func node(_ node: Range<Int>, in value: Span<UInt8>) -> ClientAddress? {
        let text = withoutQuotes(node, in: value)
        guard let first = text.first, value[first] == UInt8(ascii: "[") else {
            return address(text, in: value) ?? addressBeforePort(text, in: value)
        }
        guard let end = text.first(where: { value[$0] == UInt8(ascii: "]") }) else { return nil }
        let rest = (end + 1)..<text.upperBound
        return rest.isEmpty || isPort(rest, in: value) ? address((first + 1)..<end, in: value) : nil
    }

    private static func withoutQuotes(_ text: Range<Int>, in value: Span<UInt8>) -> Range<Int> {
        let quote = UInt8(ascii: "\"")
        guard text.count >= 2, value[text.lowerBound] == quote, value[text.upperBound - 1] == quote else { return text }
        return text.dropFirst().dropLast()
    }

    /// A link-local address may have a zone (RFC 4007), which names no other client.
    private static func address(_ text: Range<Int>, in value: Span<UInt8>) -> ClientAddress? {
        let end = text.first { value[$0] == UInt8(ascii: "%") } ?? text.upperBound
        return ClientAddress(value.extracting(text.lowerBound..<end))
    }

    private static func addressBeforePort(_ text: Range<Int>, in value: Span<UInt8>) -> ClientAddress? {
        guard let colon = text.last(where: { value[$0] == UInt8(ascii: ":") }) else { return nil }
        guard isPort(colon..<text.upperBound, in: value) else { return nil }
        return address(text.lowerBound..<colon, in: value)
    }

    /// True for a colon and one to five digits, or an obfuscated port: an underscore and a name.
    private static func isPort(_ text: Range<Int>, in value: Span<UInt8>) -> Bool {
        guard text.count >= 2, value[text.lowerBound] == UInt8(ascii: ":") else { return false }
        let port = text.dropFirst()
        if value[port.lowerBound] == UInt8(ascii: "_") {
            return port.count > 1 && port.allSatisfy { isObfuscation(value[$0]) }
        }
        return port.count <= 5 && port.allSatisfy { ASCII.isDigit(value[$0]) }
    }

    private static func isObfuscation(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
    }
}
