import RelayCore
import TestSupport
import Testing

@Suite("Room codes")
struct RoomCodeTests {
    static let alphabet = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".utf8)

    @Test("a base58 digit has the value of its place in the alphabet, and no other byte has a value")
    func digits() {
        for byte in UInt8.min...UInt8.max {
            #expect(Base58.value(of: byte) == Self.alphabet.firstIndex(of: byte).map(UInt64.init), "byte \(byte)")
        }
        for (value, digit) in Self.alphabet.enumerated() {
            #expect(Base58.digit(for: UInt64(value)) == digit)
        }
    }

    @Test(
        "a code is its number in base58, most significant digit first",
        arguments: [
            ("111111", 0), ("111112", 1), ("11111z", 57), ("111121", 58), ("1BukQL", 123_456_789),
            ("2dtD34", (1 << 30) - 1), ("2dtD35", 1 << 30), ("uMFe9B", (1 << 35) - 2), ("uMFe9C", (1 << 35) - 1),
            ("ApJFDR", 6 << 30), ("Up1XcB", 17 << 30), ("WStjeF", 18 << 30), ("siNS79", 31 << 30),
        ] as [(String, UInt64)])
    func numbers(text: String, number: UInt64) throws {
        let code = try #require(RoomCode(text))
        #expect(code.number == number)
        #expect(code.description == text)
    }

    @Test(
        "anything but six characters of the alphabet within 35 bits is refused",
        arguments: [
            "", "1", "11111", "1111111", "uMFe9D", "uMFe9z", "uMFeA1", "zzzzzz", "11111O", "11111I", "11111l", "011111",
            "11111 ", "1111-1", "11111é", "1111é", "\u{0}11111", "11 111",
        ])
    func refused(text: String) {
        #expect(RoomCode(text) == nil)
    }

    @Test("codes are case-sensitive")
    func caseMatters() throws {
        #expect(try #require(RoomCode("abcdef")) != #require(RoomCode("ABCDEF")))
    }

    @Test("every 35-bit number survives being written and read")
    func roundTrip() throws {
        var dice = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let minted = RoomCode(home: nil, random: dice.next())
            #expect(minted.number <= RoomCode.largestNumber)
            #expect(RoomCode(minted.description) == minted)
            var bytes: [UInt8] = [0]
            minted.append(to: &bytes)
            #expect(String(decoding: bytes.dropFirst(), as: UTF8.self) == minted.description)
            #expect(bytes.count == 1 + RoomCode.length)
        }
    }

    @Test("without a home region the code holds exactly the 35 random bits")
    func mintedWithoutHome() {
        #expect(RoomCode(home: nil, random: .max).number == (1 << 35) - 1)
        #expect(RoomCode(home: nil, random: 1 << 35 | 5).number == 5)
        #expect(RoomCode(home: nil, random: 1 << 34).number == 1 << 34)
    }

    @Test("with a home region the top five bits name it and the other 30 are random", arguments: Region.all)
    func mintedWithHome(region: Region) {
        for random: UInt64 in [0, 1, (1 << 30) - 1, 1 << 30, .max] {
            let code = RoomCode(home: region, random: random)
            #expect(code.number >> 30 == UInt64(region.index))
            #expect(code.number & ((1 << 30) - 1) == random & ((1 << 30) - 1))
            #expect(code.home == region)
            #expect(RoomCode(code.description)?.home == region)
        }
    }

    @Test("a code with an unassigned index has no home", arguments: 18...31)
    func unassignedHome(index: UInt64) {
        #expect(RoomCode(home: nil, random: index << 30).home == nil)
        #expect(RoomCode(home: nil, random: (index + 1) << 30 - 1).home == nil)
    }
}

@Suite("Regions")
struct RegionTests {
    @Test("the order of the regions matches the codes in use")
    func order() {
        let names = "ams arn bom cdg dfw ewr fra gru iad jnb lax lhr nrt ord sin sjc syd yyz"
        #expect(Region.all.map(\.name).joined(separator: " ") == names)
        #expect(Region.all.map(\.index) == Array(0...17))
    }

    @Test("a region is found by its name and by its index", arguments: Region.all)
    func found(region: Region) {
        #expect(Region(name: region.name) == region)
        #expect(Region(index: region.index) == region)
    }

    @Test("an unknown name is no region", arguments: ["", "AMS", "am", "amsx", "scl", " ams", "local"])
    func unknownName(name: String) {
        #expect(Region(name: name) == nil)
    }

    @Test("an unassigned index is no region", arguments: [-1, 18, 31, 32, .max, .min])
    func unknownIndex(index: Int) {
        #expect(Region(index: index) == nil)
    }
}

@Suite("Instance ids")
struct InstanceIDTests {
    @Test(
        "letters, digits and hyphens are an instance id",
        arguments: ["a", "e784079b449483", "A-Z-0-9", "-", String(repeating: "x", count: 64)])
    func accepted(text: String) {
        #expect(InstanceID(text)?.text == text)
        #expect(InstanceID(text)?.description == text)
    }

    @Test(
        "any other character is refused: ids are written into headers and host names",
        arguments: [
            "", " ", "a b", "a;b", "a=b", "a\r\nb", "a.b", "a/b", "a_b", "é", "a\u{301}", "a\u{0}", "@", "[", "`", "{",
            String(repeating: "x", count: 65),
        ])
    func refused(text: String) {
        #expect(InstanceID(text) == nil)
    }
}
