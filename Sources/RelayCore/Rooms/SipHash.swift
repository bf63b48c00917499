/// SipHash-2-4 with a result of 128 bits: a keyed hash that nobody without the key can predict or aim at.
///
/// Two texts that a client chose have the same result only by chance, of one in 2^128 for each pair, so it stands for the
/// text wherever equality is all that matters. Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012), and its
/// authors' reference implementation for the result of 128 bits.
@usableFromInline
package struct SipHash: Sendable, Equatable {
    /// The result: the first eight bytes of the reference's output as a little-endian number, and the other eight.
    @usableFromInline
    package struct Digest: Hashable, Sendable {
        package let first: UInt64
        package let second: UInt64

        package init(first: UInt64, second: UInt64) {
            self.first = first
            self.second = second
        }
    }

    /// The first eight bytes of the key as a little-endian number, and the other eight. Secret.
    package let key0: UInt64
    package let key1: UInt64

    /// - Parameters:
    ///   - key0: the first eight bytes of the key as a little-endian number.
    ///   - key1: the other eight.
    package init(key0: UInt64, key1: UInt64) {
        self.key0 = key0
        self.key1 = key1
    }

    package func digest(of bytes: Span<UInt8>) -> Digest {
        var state = State(key0, key1)
        let rest = bytes.count & 7
        var start = 0
        while start < bytes.count - rest {
            state.absorb(SipHash.word(of: bytes, from: start, count: 8))
            start += 8
        }
        // The last word ends with the length.
        let length = UInt64(truncatingIfNeeded: bytes.count) << 56
        state.absorb(SipHash.word(of: bytes, from: start, count: rest) | length)
        return state.finish()
    }

    private static func word(of bytes: Span<UInt8>, from start: Int, count: Int) -> UInt64 {
        var word: UInt64 = 0
        for place in 0..<count { word |= UInt64(bytes[start + place]) << UInt64(8 * place) }
        return word
    }
}

extension SipHash {
    /// The four words that the input is mixed into.
    private struct State {
        private var v0: UInt64
        private var v1: UInt64
        private var v2: UInt64
        private var v3: UInt64

        init(_ key0: UInt64, _ key1: UInt64) {
            v0 = key0 ^ 0x736F_6D65_7073_6575
            // The last byte tells a result of 128 bits from one of 64.
            v1 = key1 ^ 0x646F_7261_6E64_6F6D ^ 0xEE
            v2 = key0 ^ 0x6C79_6765_6E65_7261
            v3 = key1 ^ 0x7465_6462_7974_6573
        }

        mutating func absorb(_ word: UInt64) {
            v3 ^= word
            mix(rounds: 2)
            v0 ^= word
        }

        consuming func finish() -> Digest {
            v2 ^= 0xEE
            mix(rounds: 4)
            let first = v0 ^ v1 ^ v2 ^ v3
            v1 ^= 0xDD
            mix(rounds: 4)
            return Digest(first: first, second: v0 ^ v1 ^ v2 ^ v3)
        }

        private mutating func mix(rounds: Int) {
            for _ in 0..<rounds {
                v0 &+= v1
                v2 &+= v3
                v1 = v1.rotated(by: 13) ^ v0
                v3 = v3.rotated(by: 16) ^ v2
                v0 = v0.rotated(by: 32)
                v2 &+= v1
                v0 &+= v3
                v1 = v1.rotated(by: 17) ^ v2
                v3 = v3.rotated(by: 21) ^ v0
                v2 = v2.rotated(by: 32)
            }
        }
    }
}

// It never prints its key: who knows it could test guesses of a secret against its hash.
extension SipHash: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    @usableFromInline package var description: String { "SipHash(secret key)" }
    @usableFromInline package var debugDescription: String { description }
    @usableFromInline package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}

extension UInt64 {
    fileprivate func rotated(by bits: UInt64) -> UInt64 {
        self << bits | self >> (64 - bits)
    }
}
