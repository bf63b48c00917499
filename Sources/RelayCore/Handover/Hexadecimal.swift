/// Bytes as hexadecimal digits in lower case.
enum Hexadecimal {
    static func text(of bytes: [UInt8]) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * bytes.count)
        for byte in bytes { digits += [digit(byte >> 4), digit(byte & 0x0F)] }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The digits of numbers, each with its highest digit first.
    static func digits(of numbers: [UInt64]) -> [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(16 * numbers.count)
        for number in numbers {
            for shift in stride(from: 60, through: 0, by: -4) {
                digits.append(digit(UInt8(truncatingIfNeeded: number >> UInt64(shift)) & 0x0F))
            }
        }
        return digits
    }

    /// The bytes that the text stands for; nil unless it is so many, in lower case.
    static func bytes(in text: String, count: Int) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count == 2 * count else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Of one spelling only, so that what is signed is what was sent.
    private static func value(of digit: UInt8) -> UInt8? {
        (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(digit) ? nil : ASCII.hexValue(of: digit)
    }
}
