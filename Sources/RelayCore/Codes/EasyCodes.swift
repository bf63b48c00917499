/// The codes that people can type on any keyboard and read to each other: of digits and capitals without vowels alone.
///
/// They are codes like all others, so every machine decodes them. Their characters rise with the values of the base58
/// digits, so all of them in the order of their numbers are counted by a number in the base of the characters: its rank.
package enum EasyCodes {
    private static let characters = Array("123456789BCDFGHJKLMNPQRSTVWXYZ".utf8)
    private static var radix: UInt64 { UInt64(characters.count) }

    /// The number of easy codes; the largest of them is far below the largest code.
    package static var count: UInt64 { (0..<RoomCode.length).reduce(1) { product, _ in product * radix } }

    /// The ranks of the easy codes at home in a region, or of all codes without one; empty where there is none.
    package static func ranks(inRegion index: Int?) -> Range<UInt64> {
        guard let index else { return 0..<count }
        let first = rank(ofFirstFrom: UInt64(index) << RoomCode.homeShift)
        return first..<rank(ofFirstFrom: UInt64(index + 1) << RoomCode.homeShift)
    }

    /// The easy code of a rank.
    package static func code(ofRank rank: UInt64) -> RoomCode {
        precondition(rank < count, "there are so many easy codes")
        var (number, place, rest) = (0 as UInt64, 1 as UInt64, rank)
        for _ in 0..<RoomCode.length {
            number += value(ofCharacter: Int(rest % radix)) * place
            rest /= radix
            place *= Base58.radix
        }
        guard let code = RoomCode(number: number) else { preconditionFailure("the largest easy code is a code") }
        return code
    }

    /// The number of easy codes below a number, which is the rank of the first one from there on.
    private static func rank(ofFirstFrom number: UInt64) -> UInt64 {
        var (rank, rest) = (0 as UInt64, number)
        var place = (1..<RoomCode.length).reduce(1 as UInt64) { product, _ in product * Base58.radix }
        var codesOfPlace = count / radix
        for _ in 0..<RoomCode.length {
            let digit = rest / place
            let below = characters.indices.count { value(ofCharacter: $0) < digit }
            rank += UInt64(below) * codesOfPlace
            // Codes with this very digit go on with the digits behind it; where none has it, all of them are counted.
            guard below < characters.count, value(ofCharacter: below) == digit else { return rank }
            rest %= place
            place /= Base58.radix
            codesOfPlace /= radix
        }
        return rank
    }

    private static func value(ofCharacter index: Int) -> UInt64 {
        guard let value = Base58.value(of: characters[index]) else {
            preconditionFailure("the characters are of base58")
        }
        return value
    }

    static func contains(_ character: UInt8) -> Bool {
        characters.contains(character)
    }
}

extension RoomCode {
    /// True for a code that is no easy one, but would be in capitals.
    package var couldBeEasy: Bool { RoomCode(inCapitals: description) != nil }

    /// The easy code that somebody may mean who has typed six characters in lower case.
    ///
    /// Nil for a text without lower-case letters, for one that is no easy code in capitals, and for one with a capital
    /// behind the first character, which keyboards make one by themselves: whoever types in lower case types no other.
    package init?(inCapitals text: Span<UInt8>) {
        guard text.count == RoomCode.length else { return nil }
        var capitals = [6 of UInt8](repeating: 0)
        var hasChanged = false
        for position in text.indices {
            let byte = text[position]
            let isLowerCase = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            guard !isCapital || position == 0 else { return nil }
            capitals[position] = isLowerCase ? byte & ~0x20 : byte
            hasChanged = hasChanged || isLowerCase
            guard EasyCodes.contains(capitals[position]) else { return nil }
        }
        guard hasChanged else { return nil }
        self.init(capitals.span)
    }

    package init?(inCapitals text: String) {
        self.init(inCapitals: text.utf8.span)
    }
}
