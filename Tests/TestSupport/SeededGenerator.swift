/// Numbers that look random and come again with the same seed (SplitMix64), so that a failure with generated input can
/// be repeated.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to but without the bound.
    package mutating func roll(_ bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &self)
    }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// The bytes in pieces of random lengths.
    package mutating func pieces(of bytes: [UInt8], count: Int) -> [ArraySlice<UInt8>] {
        var cuts: [Int] = []
        for _ in 1..<max(count, 2) { cuts.append(roll(bytes.count + 1)) }
        cuts.sort()
        return zip([0] + cuts, cuts + [bytes.count]).map { bytes[$0..<$1] }
    }
}
