import RelayCore
import TestSupport
import Testing

@Suite("Easy codes")
struct EasyCodesTests {
    static let characters = Set("123456789BCDFGHJKLMNPQRSTVWXYZ")

    /// Their number at home in each region.
    static let counts: [UInt64] = [
        48_600_000, 35_640_000, 37_260_000, 47_736_000, 33_050_088, 16_413_912, 44_004_985, 28_895_015, 24_300_000,
        39_690_000, 33_210_000, 48_600_000, 35_505_000, 37_395_000, 47_310_242, 33_084_058, 16_805_700, 43_740_000,
        33_210_000, 44_550_000,
    ]

    @Test("each region up to 19 has millions of them, and those above have none")
    func counted() {
        #expect(EasyCodes.count == 729_000_000)
        #expect(EasyCodes.ranks(inRegion: nil) == 0..<729_000_000)
        var last: UInt64 = 0
        for index in 0..<32 {
            let ranks = EasyCodes.ranks(inRegion: index)
            #expect(ranks.lowerBound == last, "region \(index)")
            #expect(UInt64(ranks.count) == (index < Self.counts.count ? Self.counts[index] : 0), "region \(index)")
            last = ranks.upperBound
        }
        #expect(last == EasyCodes.count)
    }

    @Test(
        "they are counted in the order of their numbers",
        arguments: [
            (0, "111111"), (1, "111112"), (8, "111119"), (9, "11111B"), (29, "11111Z"), (30, "111121"),
            (24_299_999, "1ZZZZZ"), (24_300_000, "211111"), (728_999_999, "ZZZZZZ"),
        ] as [(UInt64, String)])
    func ranks(rank: UInt64, text: String) {
        #expect(EasyCodes.code(ofRank: rank).description == text)
    }

    @Test("the first and the last of a region are at home there, and their neighbours are not", arguments: 0..<20)
    func bounds(index: Int) {
        let ranks = EasyCodes.ranks(inRegion: index)
        func region(_ rank: UInt64) -> Int { Int(EasyCodes.code(ofRank: rank).number >> 30) }
        #expect(region(ranks.lowerBound) == index)
        #expect(region(ranks.upperBound - 1) == index)
        if index > 0 { #expect(region(ranks.lowerBound - 1) == index - 1) }
        if index < 19 { #expect(region(ranks.upperBound) == index + 1) }
    }

    @Test("every code of a region that is easy has a rank there")
    func complete() throws {
        var dice = SeededGenerator(seed: 5)
        for _ in 0..<20_000 {
            let rank = UInt64.random(in: 0..<EasyCodes.count, using: &dice)
            let code = EasyCodes.code(ofRank: rank)
            #expect(code.description.allSatisfy(Self.characters.contains))
            #expect(EasyCodes.ranks(inRegion: Int(code.number >> 30)).contains(rank))
        }
    }
}

@Suite("The draw of codes")
struct CodeDrawTests {
    @Test(
        "an easy draw has easy codes of its region alone, each part of it as often as any other",
        arguments: Region.all)
    func easy(region: Region) {
        var dice = SeededGenerator(seed: 1)
        let draw = CodeDraw(.easy, home: region)
        let ranks = EasyCodes.ranks(inRegion: region.index)
        var counts = [Int](repeating: 0, count: 16)
        for _ in 0..<16_000 {
            let code = draw.next(using: &dice)
            #expect(code.home == region)
            #expect(code.description.allSatisfy(EasyCodesTests.characters.contains))
            // Read back by counting, and not by the type that is tested.
            let rank = Self.rank(of: code) - ranks.lowerBound
            counts[Int(rank * 16 / UInt64(ranks.count))] += 1
        }
        // Six deviations.
        #expect(counts.allSatisfy { (810...1_190).contains($0) }, "\(counts)")
    }

    @Test("without a region all easy codes are drawn, and each character at each place")
    func withoutRegion() {
        var dice = SeededGenerator(seed: 2)
        let draw = CodeDraw(.easy, home: nil)
        var seen: Set<String> = []
        for _ in 0..<30_000 {
            for (place, character) in draw.next(using: &dice).description.enumerated() {
                seen.insert("\(place)\(character)")
            }
        }
        #expect(seen == Set((0..<6).flatMap { place in EasyCodesTests.characters.map { "\(place)\($0)" } }))
    }

    @Test("a mixed draw takes the generator's bits as they are", arguments: [nil, Region(index: 6)])
    func mixed(region: Region?) {
        var (dice, same) = (SeededGenerator(seed: 3), SeededGenerator(seed: 3))
        let draw = CodeDraw(.mixed, home: region)
        for _ in 0..<100 { #expect(draw.next(using: &dice) == RoomCode(home: region, random: same.next())) }
    }

    private static func rank(of code: RoomCode) -> UInt64 {
        let characters = Array("123456789BCDFGHJKLMNPQRSTVWXYZ")
        return code.description.reduce(0) { $0 * 30 + UInt64(characters.firstIndex(of: $1) ?? 0) }
    }
}

@Suite("Codes typed in lower case")
struct TypedCodeTests {
    @Test(
        "a text with lower-case letters is read in capitals, if it is an easy code then",
        arguments: [
            ("bcdfgh", "BCDFGH"), ("Bcdfgh", "BCDFGH"), ("BCDFGh", nil), ("bcdFgh", nil), ("bCdfgh", nil),
            ("b23456", "B23456"),
            ("llllll", "LLLLLL"), ("zzzzzz", "ZZZZZZ"),
            ("1y111y", "1Y111Y"), ("BCDFGH", nil), ("123456", nil), ("ABCDFG", nil),
            ("abcdfg", nil), ("bcdfge", nil), ("bcdfgi", nil), ("bcdfgo", nil), ("bcdfgu", nil), ("bcdfg0", nil),
            ("bcdfgA", nil), ("bcdfg", nil), ("bcdfghj", nil), ("", nil), ("bcdfg ", nil), ("bcdfg{", nil),
            ("bcdfg\u{DF}", nil), ("bcd\u{131}g", nil),
        ] as [(String, String?)])
    func read(text: String, capitals: String?) {
        #expect(RoomCode(inCapitals: text)?.description == capitals)
    }

    @Test(
        "a path is read in capitals where it names a code",
        arguments: [
            ("/bcdfgh", "code BCDFGH"), ("/room/bcdfgh", "room BCDFGH"), ("//bcdfgh/", "code BCDFGH"),
            ("/room//llllll/?instance=x", "room LLLLLL"), ("/%62cdfgh?x", "code BCDFGH"),
            ("http://h/bcdfgh", "code BCDFGH"), ("/room%2Fbcdfgh", "room BCDFGH"), ("/BCDFGH", nil),
            ("/room/BCDFGH", nil), ("/bcdfgh/x", nil), ("/x/bcdfgh", nil), ("/Room/bcdfgh", nil),
            ("/room/bcdfgh/x", nil), ("/room/abcdfg", nil), ("/room/bcdfg", nil), ("/room", nil), ("/", nil),
            ("*", nil), ("/health", nil), ("/ready", nil), ("/demo", nil), ("/client.js", nil), ("/metrics", nil),
        ] as [(String, String?)])
    func path(raw: String, expected: String?) throws {
        let target = try #require(RequestTarget(raw))
        let text: String? =
            switch target.inCapitals(raw.utf8.span)?.endpoint {
            case .room(let code?): "room \(code)"
            case .code(let code): "code \(code)"
            case nil: nil
            default: "another"
            }
        #expect(text == expected)
    }

    @Test("the pin and the location stay as they are")
    func others() throws {
        let raw = "/bcdfgh?a=1&instance=m"
        let target = try #require(RequestTarget(raw))
        let capitals = target.inCapitals(raw.utf8.span)
        #expect(capitals?.pin == "m")
        #expect(capitals?.locationWithoutPin == "/bcdfgh?a=1")
    }

    @Test("of mixed codes one in forty could be taken for an easy one, and no easy one could be")
    func ambiguity() {
        var dice = SeededGenerator(seed: 4)
        let mixed = (0..<10_000).count { _ in RoomCode(home: nil, random: dice.next()).couldBeEasy }
        #expect((150...400).contains(mixed), "\(mixed)")
        let draw = CodeDraw(.easy, home: nil)
        #expect(!(0..<1_000).contains { _ in draw.next(using: &dice).couldBeEasy })
    }
}
