/// Writes the JSON that the relay generates itself.
@usableFromInline
package enum JSONText {
    /// Appends `text` quoted, with the escapes that JavaScript's `JSON.stringify` uses and no others.
    package static func appendString(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x08: bytes.append(contentsOf: "\\b".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0x0A: bytes.append(contentsOf: "\\n".utf8)
            case 0x0C: bytes.append(contentsOf: "\\f".utf8)
            case 0x0D: bytes.append(contentsOf: "\\r".utf8)
            case ..<0x20:
                bytes.append(contentsOf: byte < 0x10 ? "\\u000".utf8 : "\\u001".utf8)
                let digit = byte & 0x0F
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a count or an index in decimal.
    package static func appendInteger(_ value: Int, to bytes: inout [UInt8]) {
        precondition(value >= 0, "counts and indices are never negative")
        if value >= 10 { appendInteger(value / 10, to: &bytes) }
        bytes.append(UInt8(ascii: "0") + UInt8(value % 10))
    }

    /// The digits of a count or an index.
    @inlinable
    @inline(__always)
    static func lengthOfInteger(_ value: Int) -> Int {
        var (length, bound) = (1, 10)
        while value >= bound, length < 19 {
            length += 1
            bound &*= 10
        }
        return length
    }

    /// Writes a count or an index in decimal at `offset`, and returns the offset behind it.
    @inlinable
    @inline(__always)
    static func writeInteger(_ value: Int, to bytes: inout MutableRawSpan, at offset: Int) -> Int {
        if value < 10 {
            bytes.storeBytes(
                of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value), toByteOffset: offset, as: UInt8.self)
            return offset + 1
        }
        let end = offset + lengthOfInteger(value)
        var (position, rest) = (end, value)
        repeat {
            position -= 1
            let digit = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            bytes.storeBytes(of: digit, toByteOffset: position, as: UInt8.self)
            rest /= 10
        } while rest > 0
        return end
    }
}

extension [UInt8] {
    /// Appends the bytes of a literal from the program's image: no string is created, and no reference counted.
    @inlinable
    @inline(__always)
    package mutating func append(text: StaticString) {
        // The pointer is to a literal, which lives as long as the process.
        unsafe append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
