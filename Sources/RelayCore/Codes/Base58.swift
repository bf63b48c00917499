/// The Bitcoin base58 alphabet: letters and digits without `0`, `O`, `I` and `l`, which are easily confused.
///
/// Both directions are arithmetic on ASCII ranges, so nothing is looked up and nothing is initialised on first use.
package enum Base58 {
    package static let radix: UInt64 = 58

    /// The value of one digit, or nil for a byte outside the alphabet.
    package static func value(of byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "1")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "1"))
        case UInt8(ascii: "A")...UInt8(ascii: "H"): UInt64(byte - UInt8(ascii: "A")) + 9
        case UInt8(ascii: "J")...UInt8(ascii: "N"): UInt64(byte - UInt8(ascii: "J")) + 17
        case UInt8(ascii: "P")...UInt8(ascii: "Z"): UInt64(byte - UInt8(ascii: "P")) + 22
        case UInt8(ascii: "a")...UInt8(ascii: "k"): UInt64(byte - UInt8(ascii: "a")) + 33
        case UInt8(ascii: "m")...UInt8(ascii: "z"): UInt64(byte - UInt8(ascii: "m")) + 44
        default: nil
        }
    }

    /// The digit for a value below 58.
    package static func digit(for value: UInt64) -> UInt8 {
        precondition(value < radix, "a base58 digit stands for a value below 58")
        let offset = UInt8(value)
        return switch offset {
        case ..<9: UInt8(ascii: "1") + offset
        case ..<17: UInt8(ascii: "A") + (offset - 9)
        case ..<22: UInt8(ascii: "J") + (offset - 17)
        case ..<33: UInt8(ascii: "P") + (offset - 22)
        case ..<44: UInt8(ascii: "a") + (offset - 33)
        default: UInt8(ascii: "m") + (offset - 44)
        }
    }
}
