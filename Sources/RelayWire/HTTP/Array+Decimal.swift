extension [UInt8] {
    /// Appends a number that is not negative, with leading zeros up to this many digits; it costs no allocation.
    mutating func append(decimal number: Int, digits: Int = 1) {
        precondition(number >= 0, "A negative number is none of a head's")
        var divisor = 1
        var length = 1
        while length < digits || number / divisor >= 10 {
            divisor *= 10
            length += 1
        }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
