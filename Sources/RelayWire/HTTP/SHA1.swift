/// SHA-1 (FIPS 180-4), which the opening handshake prescribes as proof that the server read the key.
///
/// It has no security purpose there, and nothing else may use it.
enum SHA1 {
    static func digest(of message: Span<UInt8>) -> [20 of UInt8] {
        var state: [5 of UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var schedule = [80 of UInt32](repeating: 0)
        // The message, a one bit, zeros up to the end of a block, and there the message's length in bits.
        let blocks = (message.count + 8) / 64 + 1
        let bitCount = UInt64(message.count) * 8
        for block in 0..<blocks {
            for word in 0..<16 { schedule[word] = self.word(of: message, at: block * 64 + word * 4) }
            if block == blocks - 1 {
                schedule[14] = UInt32(truncatingIfNeeded: bitCount >> 32)
                schedule[15] = UInt32(truncatingIfNeeded: bitCount)
            }
            for word in 16..<80 {
                let mixed = schedule[word - 3] ^ schedule[word - 8] ^ schedule[word - 14] ^ schedule[word - 16]
                schedule[word] = mixed.rotatedLeft(1)
            }
            compress(&state, &schedule)
        }
        var digest = [20 of UInt8](repeating: 0)
        for index in digest.indices {
            digest[index] = UInt8(truncatingIfNeeded: state[index / 4] &>> UInt32(24 - index % 4 * 8))
        }
        return digest
    }

    /// Four bytes of the message, or of the bit and the zeros behind it.
    @inline(__always)
    private static func word(of message: Span<UInt8>, at offset: Int) -> UInt32 {
        guard offset <= message.count else { return 0 }
        let isWhole = offset + 4 <= message.count
        var value: UInt32 = 0
        for place in offset..<offset + 4 {
            let padding: UInt8 = place == message.count ? 0x80 : 0
            value = value &<< 8 | UInt32(isWhole || place < message.count ? message[place] : padding)
        }
        return value
    }

    /// - Parameter schedule: not changed; `inout` only avoids a copy per round.
    private static func compress(_ state: inout [5 of UInt32], _ schedule: inout [80 of UInt32]) {
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        func turn(_ mix: UInt32, _ constant: UInt32, _ word: UInt32) {
            let next = a.rotatedLeft(5) &+ mix &+ e &+ constant &+ word
            (a, b, c, d, e) = (next, a, b.rotatedLeft(30), c, d)
        }
        for round in 0..<20 { turn((b & c) | (~b & d), 0x5A82_7999, schedule[round]) }
        for round in 20..<40 { turn(b ^ c ^ d, 0x6ED9_EBA1, schedule[round]) }
        for round in 40..<60 { turn((b & c) | (b & d) | (c & d), 0x8F1B_BCDC, schedule[round]) }
        for round in 60..<80 { turn(b ^ c ^ d, 0xCA62_C1D6, schedule[round]) }
        state[0] &+= a
        state[1] &+= b
        state[2] &+= c
        state[3] &+= d
        state[4] &+= e
    }
}

extension UInt32 {
    fileprivate func rotatedLeft(_ count: UInt32) -> UInt32 {
        self &<< count | self &>> (32 - count)
    }
}
