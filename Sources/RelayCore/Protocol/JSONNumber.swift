/// The whole part of a JSON number's magnitude, and what else decides how it rounds.
///
/// Computed from the decimal digits: exact at any size, where a `Double` would merge neighbours and end at 1e308.
struct JSONNumber: Hashable {
    /// True for numbers below zero, however they round; false for `-0`.
    let isNegative: Bool
    /// The magnitude without its fraction, or nil if that exceeds `Int.max`.
    let wholePart: Int?
    let hasFraction: Bool

    /// - Parameter number: the range of a validated number.
    init(_ number: Range<Int>, in text: Span<UInt8>) {
        let digits = Digits(number, in: text)
        var whole: Int? = 0
        var hasFraction = false
        var index = 0
        for offset in digits.range where text[offset] != UInt8(ascii: ".") {
            let digit = Int(text[offset] & 0x0F)
            if index < digits.pointIndex {
                whole = Self.appending(digit, to: whole)
            } else if digit != 0 {
                hasFraction = true
            }
            index += 1
        }
        // The zeros that an exponent adds. At most nineteen make a difference.
        while index < digits.pointIndex, let value = whole, value != 0 {
            whole = Self.appending(0, to: value)
            index += 1
        }
        wholePart = whole
        self.hasFraction = hasFraction
        isNegative = text[number.lowerBound] == UInt8(ascii: "-") && (whole != 0 || hasFraction)
    }

    /// The number if it is a whole number from 0 to `Int.max`, in any spelling.
    var nonNegativeInteger: Int? {
        isNegative || hasFraction ? nil : wholePart
    }

    /// The number rounded up, if it is at least 1; `Int.max` for larger ones.
    var positiveRoundedUp: Int? {
        wholePart == 0 ? nil : nonNegativeRoundedUp
    }

    /// The number rounded up, if it is at least 0; `Int.max` for larger ones.
    var nonNegativeRoundedUp: Int? {
        if isNegative { return nil }
        guard let wholePart, wholePart < Int.max else { return Int.max }
        return wholePart + (hasFraction ? 1 : 0)
    }

    private static func appending(_ digit: Int, to whole: Int?) -> Int? {
        guard let whole else { return nil }
        let (tenfold, overflow) = whole.multipliedReportingOverflow(by: 10)
        let (sum, carry) = tenfold.addingReportingOverflow(digit)
        return overflow || carry ? nil : sum
    }

    /// The digits of a number, and how many of them precede the decimal point.
    private struct Digits {
        /// The digits, possibly with a `.` among them, without sign and exponent.
        let range: Range<Int>
        /// The number of digits in the whole part after the exponent has moved the point. Below 0, or beyond the last
        /// digit, zeros fill the gap.
        let pointIndex: Int

        init(_ number: Range<Int>, in text: Span<UInt8>) {
            var point: Int?
            var exponentStart: Int?
            let start = text[number.lowerBound] == UInt8(ascii: "-") ? number.lowerBound + 1 : number.lowerBound
            scan: for offset in start..<number.upperBound {
                switch text[offset] {
                case UInt8(ascii: "."):
                    point = offset
                case UInt8(ascii: "e"), UInt8(ascii: "E"):
                    exponentStart = offset
                    break scan
                default:
                    continue
                }
            }
            let end = exponentStart ?? number.upperBound
            let exponent = exponentStart.map { Self.exponent(($0 + 1)..<number.upperBound, in: text) } ?? 0
            range = start..<end
            pointIndex = (point ?? end) - start + exponent
        }

        /// The exponent, clamped to bounds that no text has enough digits to offset.
        private static func exponent(_ range: Range<Int>, in text: Span<UInt8>) -> Int {
            let bound = 1 << 48
            var magnitude = 0
            for offset in range {
                guard case UInt8(ascii: "0")...UInt8(ascii: "9") = text[offset] else { continue }
                magnitude = min(magnitude * 10 + Int(text[offset] & 0x0F), bound)
            }
            return text[range.lowerBound] == UInt8(ascii: "-") ? -magnitude : magnitude
        }
    }
}
