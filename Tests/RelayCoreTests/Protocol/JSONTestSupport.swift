internal import RelayCore

/// What the tests of the protocol share: texts in, verdicts out.
enum JSONTest {
    static func accepts(_ text: [UInt8]) -> Bool {
        (try? JSONScanner.scan(text.span)) != nil
    }

    static func accepts(_ text: String) -> Bool {
        accepts(Array(text.utf8))
    }

    static func string(_ content: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "\"")] + content + [UInt8(ascii: "\"")]
    }
}

/// A seeded generator (SplitMix64), so that a failure can be repeated.
struct JSONTestRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
