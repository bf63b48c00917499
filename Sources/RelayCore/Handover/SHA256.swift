/// SHA-256 (FIPS 180-4), for the proof that a handed-over room comes from a machine of the cluster, and arrived whole.
///
/// Written here and not taken from a library, since it is all of cryptography that the relay needs, and its inputs and
/// outputs are settled by published vectors. swift-crypto compiles 380 files of C, C++ and Swift for it, two minutes of
/// processor time in each configuration in which the package is built. Nothing here branches, or indexes, by what it
/// hashes.
package struct SHA256: Sendable {
    package static let digestLength = 32
    static let blockLength = 64

    private var state: [8 of UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]
    private var block = [64 of UInt8](repeating: 0)
    /// The number of bytes so far; those of the last block that is not full are in `block`.
    private var count = 0

    package init() {}

    package static func digest(of message: Span<UInt8>) -> [UInt8] {
        var hash = SHA256()
        hash.update(message)
        return hash.finish()
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        for index in bytes.indices { append(bytes[index]) }
    }

    /// The digest of all bytes; nothing may follow.
    package mutating func finish() -> [UInt8] {
        let bitCount = UInt64(count) * 8
        // A one bit, zeros up to the end of a block, and there the length in bits.
        append(0x80)
        while count % SHA256.blockLength != SHA256.blockLength - 8 { append(0) }
        for shift in stride(from: 56 as UInt64, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: bitCount &>> shift))
        }
        var digest: [UInt8] = []
        digest.reserveCapacity(SHA256.digestLength)
        for index in state.indices {
            for shift in stride(from: 24 as UInt32, through: 0, by: -8) {
                digest.append(UInt8(truncatingIfNeeded: state[index] &>> shift))
            }
        }
        return digest
    }

    private mutating func append(_ byte: UInt8) {
        block[count % SHA256.blockLength] = byte
        count += 1
        if count.isMultiple(of: SHA256.blockLength) { compress() }
    }

    private mutating func compress() {
        var schedule = [64 of UInt32](repeating: 0)
        for word in 0..<16 {
            var value: UInt32 = 0
            for byte in 0..<4 { value = value &<< 8 | UInt32(block[4 * word + byte]) }
            schedule[word] = value
        }
        for word in 16..<64 {
            let (early, late) = (schedule[word - 15], schedule[word - 2])
            let sigma0 = early.rotatedRight(7) ^ early.rotatedRight(18) ^ early &>> 3
            let sigma1 = late.rotatedRight(17) ^ late.rotatedRight(19) ^ late &>> 10
            schedule[word] = schedule[word - 16] &+ sigma0 &+ schedule[word - 7] &+ sigma1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for round in 0..<64 {
            let sum1 = e.rotatedRight(6) ^ e.rotatedRight(11) ^ e.rotatedRight(25)
            let first = h &+ sum1 &+ ((e & f) ^ (~e & g)) &+ SHA256.constants[round] &+ schedule[round]
            let sum0 = a.rotatedRight(2) ^ a.rotatedRight(13) ^ a.rotatedRight(22)
            let second = sum0 &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [64 of UInt32] = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
        0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
        0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
        0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
        0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
        0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
        0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
        0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
    ]
}

extension UInt32 {
    fileprivate func rotatedRight(_ count: UInt32) -> UInt32 {
        self &>> count | self &<< (32 - count)
    }
}
