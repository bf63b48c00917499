/// The six base58 characters by which players find a room: a number of 35 bits.
///
/// A code with a home region carries the region's index in its top five bits, so any machine of the cluster can tell
/// where the room lives without asking. The other 30 bits are random; without a home region all 35 are.
package struct RoomCode: Hashable, Sendable {
    /// The number of characters of every code.
    package static let length = 6

    /// The largest number that is a code. 58^6 is larger, so not every string of six base58 characters is a code.
    package static let largestNumber: UInt64 = (1 << 35) - 1

    static let homeShift: UInt64 = 30

    package let number: UInt64

    /// The code of a number; nil above `largestNumber`.
    package init?(number: UInt64) {
        guard number <= RoomCode.largestNumber else { return nil }
        self.number = number
    }

    /// Reads a code: exactly six characters of the alphabet, case-sensitive, that stay within 35 bits.
    package init?(_ text: Span<UInt8>) {
        guard text.count == RoomCode.length else { return nil }
        var number: UInt64 = 0
        for position in text.indices {
            guard let value = Base58.value(of: text[position]) else { return nil }
            number = number * Base58.radix + value
        }
        guard number <= RoomCode.largestNumber else { return nil }
        self.number = number
    }

    package init?(_ text: String) {
        self.init(text.utf8.span)
    }

    /// Mints a code from random bits: the low 30 of them with a home region, the low 35 without.
    package init(home: Region?, random: UInt64) {
        if let home {
            let low = random & ((1 << RoomCode.homeShift) - 1)
            self.number = UInt64(home.index) << RoomCode.homeShift | low
        } else {
            self.number = random & RoomCode.largestNumber
        }
    }

    /// The region in the top five bits, or nil for an index that no region has.
    package var home: Region? {
        Region(index: Int(number >> RoomCode.homeShift))
    }

    /// Appends the six characters, most significant first.
    package func append(to bytes: inout [UInt8]) {
        var divisor: UInt64 = 656_356_768  // 58^5
        var rest = number
        for _ in 0..<RoomCode.length {
            bytes.append(Base58.digit(for: rest / divisor))
            rest %= divisor
            divisor /= Base58.radix
        }
    }
}

extension RoomCode: CustomStringConvertible {
    package var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(RoomCode.length)
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
