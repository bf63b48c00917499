/// The position of one header field in the bytes of its head.
///
/// Eight bytes: a head is at most 64 KiB, so offsets fit in 16 bits, and all fields of a request in one small
/// allocation.
package struct HeaderField: Hashable, Sendable {
    private let nameStart: UInt16
    private let nameEnd: UInt16
    private let valueStart: UInt16
    private let valueEnd: UInt16

    init(name: Range<Int>, value: Range<Int>) {
        nameStart = UInt16(name.lowerBound)
        nameEnd = UInt16(name.upperBound)
        valueStart = UInt16(value.lowerBound)
        valueEnd = UInt16(value.upperBound)
    }

    package var name: Range<Int> {
        Int(nameStart)..<Int(nameEnd)
    }

    /// The value without surrounding white space; may be empty.
    package var value: Range<Int> {
        Int(valueStart)..<Int(valueEnd)
    }
}

/// The common part of request and response heads: the fields, in the order received.
///
/// Every lookup takes the bytes that the head was parsed from, since a head holds only offsets.
package protocol MessageHead {
    var fields: [HeaderField] { get }
}

extension MessageHead {
    /// The value of the first field with that name.
    package func value(_ name: HeaderName, in bytes: Span<UInt8>) -> Range<Int>? {
        for field in fields where name.matches(bytes, field.name) {
            return field.value
        }
        return nil
    }

    /// The value of the field with that name, if there is exactly one.
    package func onlyValue(_ name: HeaderName, in bytes: Span<UInt8>) -> Range<Int>? {
        var found: Range<Int>?
        for field in fields where name.matches(bytes, field.name) {
            guard found == nil else { return nil }
            found = field.value
        }
        return found
    }

    /// The values of all fields with that name.
    package func values(_ name: HeaderName, in bytes: Span<UInt8>) -> [Range<Int>] {
        var values: [Range<Int>] = []
        for field in fields where name.matches(bytes, field.name) {
            values.append(field.value)
        }
        return values
    }

    /// The elements of a comma-separated list over all fields with that name; empty elements are skipped.
    package func elements(of name: HeaderName, in bytes: Span<UInt8>) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        for field in fields where name.matches(bytes, field.name) {
            var list = FieldList(field.value)
            while let element = list.next(in: bytes) {
                elements.append(element)
            }
        }
        return elements
    }

    package func contains(_ name: HeaderName, in bytes: Span<UInt8>) -> Bool {
        value(name, in: bytes) != nil
    }

    /// The first value with that name as text; invalid UTF-8 is replaced, so that it can be shown anywhere.
    package func text(_ name: HeaderName, in bytes: Span<UInt8>) -> String? {
        value(name, in: bytes).map { bytes.text(in: $0) }
    }
}

/// Iterates over one field's comma-separated list (RFC 9110, section 5.6.1), without surrounding white space.
struct FieldList {
    private var rest: Range<Int>

    init(_ value: Range<Int>) {
        rest = value
    }

    /// The next non-empty element; nil at the end.
    mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
        while !rest.isEmpty {
            var end = rest.lowerBound
            while end < rest.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
            let element = bytes.trimmed(rest.lowerBound..<end)
            rest = min(end + 1, rest.upperBound)..<rest.upperBound
            if !element.isEmpty { return element }
        }
        return nil
    }
}
