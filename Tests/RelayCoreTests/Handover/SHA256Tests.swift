import TestSupport
import Testing

@testable import RelayCore

@Suite("SHA-256 and HMAC")
struct SHA256Tests {
    /// Bytes of any length that another program can make as well: each is 7 more than the one before.
    static func message(_ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: 7 * $0 + length) }
    }

    static func key(_ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(truncatingIfNeeded: 5 * $0 + length) }
    }

    static func digest(_ message: [UInt8]) -> String {
        Hexadecimal.text(of: SHA256.digest(of: message.span))
    }

    @Test(
        "SHA-256 gives the digests of FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
            (
                "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
                "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
            ),
        ])
    func published(message: String, digest: String) {
        #expect(Self.digest(Array(message.utf8)) == digest)
    }

    @Test("a million times the letter a has its published digest")
    func million() {
        let message = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(Self.digest(message) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    // From Python's hashlib.
    @Test(
        "messages of all lengths around a block have the digests that others give them",
        arguments: [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a"),
            (55, "81afe5b788dc2ce138ff83d9b20164db75a94d75d2b2432eea4a0ef605088c72"),
            (56, "2aba54f0ac632420a2b502431408866e40e1d5e430df4cd822642c78ab2eb9c1"),
            (57, "903284efbf9100e8ba1614ec65eacacad125e03f857cae7acbf8b73b23e0fdfe"),
            (63, "733d3d4ee79ee67145bf73da13588f6f235d37414fc64b14a2f00f1762792f5e"),
            (64, "79322907b3e9d013d7dc2c2f256674dbf733045cde01df3539271c6f5605feb8"),
            (65, "d85c007c6eb440f085afa2b84f6f2bce4658b240e9f62cb1364bf0485a57e720"),
            (119, "6c87eedf096b345de205b702e5223b73b447a3207791ded3ea007ba15ed6736e"),
            (120, "42500cf6a1e3936d6b9e0bcfe296d654b63255e525487d3634d0b15fde591c4d"),
            (127, "68f6ff710276900c0ffbbc57426f67e00c2e01f0750c7edc25ac06b8ce7a8095"),
            (128, "489d55fea9a73af36b6dd0be7b4117d8e5683386d39544e8a44c99a87f368707"),
            (129, "4e1556b2e9a50a3cc9478f3254727b01065f9ac5d2c3a8b4cd538ae7240bb87d"),
            (1000, "6b0df76627243d095b0c4400cb658b7e804dd03461cc03aee8fc8fe0bcada168"),
        ])
    func lengths(length: Int, digest: String) {
        #expect(Self.digest(Self.message(length)) == digest)
    }

    @Test("a message in pieces has the digest of the whole", arguments: 1...20 as ClosedRange<UInt64>)
    func pieces(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let message = dice.bytes(dice.roll(400))
        var hash = SHA256()
        for piece in dice.pieces(of: message, count: 1 + dice.roll(6)) {
            let piece = Array(piece)
            hash.update(piece.span)
        }
        #expect(hash.finish() == SHA256.digest(of: message.span))
    }

    struct Example: Sendable {
        let key: [UInt8]
        let message: [UInt8]
        let code: String

        init(_ key: [UInt8], _ message: [UInt8], _ code: String) {
            self.key = key
            self.message = message
            self.code = code
        }

        init(_ key: [UInt8], _ message: String, _ code: String) {
            self.init(key, Array(message.utf8), code)
        }
    }

    @Test(
        "HMAC gives the codes of RFC 4231",
        arguments: [
            Example(
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            Example(
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            Example(
                [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            Example(
                Array(1...25), [UInt8](repeating: 0xCD, count: 50),
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            Example(
                [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
            Example(
                [UInt8](repeating: 0xAA, count: 131),
                "This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        ])
    func authenticated(example: Example) {
        let code = HMACSHA256.code(of: example.message.span, key: example.key.span)
        #expect(Hexadecimal.text(of: code) == example.code)
    }

    // From Python's hmac.
    @Test(
        "keys and messages of all lengths have the codes that others give them",
        arguments: [
            (0, 0, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
            (1, 3, "1545ee89c1854559e3ebde580dceada9cb259bbc0173f9c975324609bf7379d9"),
            (32, 200, "49eb5e57100b2081c603147fe9d386fd7121caa845930a8bbfa7085099bc40ac"),
            (63, 64, "0b0f1334f6bd39e9550795020fdaeab031887bde871af6542d3ff975aa8585d5"),
            (64, 65, "76942cb92021f41ea56382a4c483de0d6613263c22cfeb766514ef48036c1d43"),
            (65, 1, "4f5ef8e1c9fd5289c1bf760d651f1a205ac068568ab8258102f12d6031ebd960"),
            (131, 152, "98a8fd5c30f50146af76cfcfb25286cbae66f8668f25f2f3ce957cb2f7ff246c"),
            (200, 1000, "a2346b1905eca9f7b20db42d88f7f43d01ea73eaaeeedc7c98d2db24cbef5184"),
        ])
    func keys(key: Int, message: Int, code: String) {
        let (key, message) = (Self.key(key), Self.message(message))
        #expect(Hexadecimal.text(of: HMACSHA256.code(of: message.span, key: key.span)) == code)
    }

    @Test("texts are the same only if every byte is")
    func comparison() {
        let one = Self.message(32)
        #expect(one.isSame(inConstantTimeAs: one))
        for place in one.indices {
            var other = one
            other[place] ^= 0x80
            #expect(!one.isSame(inConstantTimeAs: other))
        }
        #expect(!one.isSame(inConstantTimeAs: Array(one.dropLast())))
        #expect([UInt8]().isSame(inConstantTimeAs: []))
    }
}
