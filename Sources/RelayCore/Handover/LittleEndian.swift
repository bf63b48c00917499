extension [UInt8] {
    /// Appends the bytes of a number, the lowest first.
    package mutating func append(littleEndian number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: 0, to: number.bitWidth, by: 8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}

extension Span<UInt8> {
    /// The number in `width` bytes, at most eight, the lowest first.
    package func littleEndian(at start: Int, width: Int) -> UInt64 {
        (0..<width).reduce(0) { $0 | UInt64(self[start + $1]) << UInt64(8 * $1) }
    }

    /// The bytes, copied.
    package var array: [UInt8] {
        var array: [UInt8] = []
        array.reserveCapacity(count)
        for index in indices { array.append(self[index]) }
        return array
    }
}
