/// SHA-1 (FIPS 180-4), which the opening handshake prescribes as proof that the server read the key.
///
/// It has no security purpose there, and nothing else may use it.
enum SHA1 {
    static let digestLength = 20

    static func digest(of message: [UInt8]) -> [UInt8] {
        var state: [5 of UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
        var schedule = [80 of UInt32](repeating: 0)
        // The message, a one bit, zeros up to the end of a block, and there the message's length in bits.
        let blocks = (message.count + 8) / 64 + 1
        let bitCount = UInt64(message.count) * 8
        for block in 0..<blocks {
            for word in 0..<16 {
                var value: UInt32 = 0
                for byte in 0..<4 {
                    let offset = block * 64 + word * 4 + byte
                    let padding: UInt8 = offset == message.count ? 0x80 : 0
                    value = value &<< 8 | UInt32(offset < message.count ? message[offset] : padding)
                }
                schedule[word] = value
            }
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
        var digest: [UInt8] = []
        digest.reserveCapacity(digestLength)
        for index in state.indices {
            for shift in stride(from: 24 as UInt32, through: 0, by: -8) {
                digest.append(UInt8(truncatingIfNeeded: state[index] &>> shift))
            }
        }
        return digest
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
