import Testing

@testable import RelayWire

@Suite("SHA-1 and base64")
struct SHA1Tests {
    @Test(
        "SHA-1 gives the published digests",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "a49b2446a02c645bf419f995b67091253a04a259"
            ),
            (String(repeating: "01234567", count: 80), "dea356a2cddd90c7a7ecedc5ebb563934f460452"),
        ])
    func digests(message: String, digest: String) {
        #expect(SHA1Tests.digest(of: Array(message.utf8)) == digest)
    }

    @Test("messages of all lengths around a block are padded correctly", arguments: [55, 56, 57, 63, 64, 65])
    func padding(length: Int) {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        let expected = [
            55: "c1c8bbdc22796e28c0e15163d20899b65621d65a", 56: "c2db330f6083854c99d4b5bfb6e8f29f201be699",
            57: "f08f24908d682555111be7ff6f004e78283d989a", 63: "03f09f5b158a7a8cdad920bddc29b81c18a551f5",
            64: "0098ba824b5c16427bd7a1122a5a442a25ec644d", 65: "11655326c708d70319be2610e8a57d9a5b959d3b",
        ]
        #expect(SHA1Tests.digest(of: message) == expected[length])
    }

    private static func digest(of message: [UInt8]) -> String {
        let digest = SHA1.digest(of: message.span)
        return digest.indices.map { String(digest[$0] >> 4, radix: 16) + String(digest[$0] & 15, radix: 16) }.joined()
    }

    @Test(
        "base64 gives the encodings of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"), ("~~~???", "fn5+Pz8/"),
        ])
    func base64(text: String, encoding: String) {
        #expect(Base64.encode(Array(text.utf8).span) == Array(encoding.utf8))
    }
}
