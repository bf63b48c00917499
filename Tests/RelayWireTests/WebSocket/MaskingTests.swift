import RelayWire
import TestSupport
import Testing

@Suite("Masking")
struct MaskingTests {
    private static func naive(_ key: UInt32, _ bytes: [UInt8], in range: Range<Int>, from position: Int) -> [UInt8] {
        var bytes = bytes
        for index in range {
            let place = (index - range.lowerBound + position) % 4
            bytes[index] ^= UInt8(truncatingIfNeeded: key >> (24 - 8 * UInt32(place)))
        }
        return bytes
    }

    @Test("exactly the range is masked, for any length, place and position in the payload")
    func range() {
        var generator = SeededGenerator(seed: 1)
        let key: UInt32 = 0x0102_83F4
        for length in 0...150 {
            for position in 0..<5 {
                let bytes = generator.bytes(length + 9)
                let range = (length % 7)..<(length % 7 + length)
                var masked = bytes
                var span = masked.mutableSpan
                Masking.apply(key, from: position, to: &span, in: range)
                #expect(masked == Self.naive(key, bytes, in: range, from: position), "\(length) from \(position)")
            }
        }
    }

    @Test("a byte that is not ASCII is noticed at any place")
    func ascii() {
        for length in 1...80 {
            for other in -1..<length {
                var bytes = [UInt8](repeating: 0x7F, count: length)
                if other >= 0 { bytes[other] = 0x80 }
                var masked = Self.naive(0xFFEE_DDCC, bytes, in: 0..<length, from: 0)
                var span = masked.mutableSpan
                let isASCII = Masking.apply(0xFFEE_DDCC, to: &span, in: 0..<length)
                #expect(isASCII == (other < 0), "\(length) bytes, not ASCII at \(other)")
            }
        }
    }
}
