import RelayCore
import Testing

@Suite("The rendezvous of a code")
struct RendezvousTests {
    static let long = "A-Z-0-9-" + String(repeating: "x", count: 56)

    /// Computed by another program, in another language, from the definition.
    static let vectors: [(String, String, UInt64)] = [
        ("a", "111111", 0x4BF2_9E58_73D3_D4C1), ("a", "111112", 0xFF21_DC13_4A13_A201),
        ("a", "Furcix", 0x1882_093C_8D40_FF9E), ("a", "uMFe9C", 0x00AD_8D6A_8B18_5408),
        ("self", "111111", 0x1255_C924_523C_EF8C), ("self", "111112", 0x8C3A_74DD_53CC_8DE6),
        ("self", "Furcix", 0xF2A2_E5C3_1F62_ED28), ("self", "uMFe9C", 0xFD1A_9D99_8414_E50B),
        ("e286510b023348", "111111", 0x8EC8_D811_2AE6_BBF5), ("e286510b023348", "111112", 0xB752_3FEE_9992_E91A),
        ("e286510b023348", "Furcix", 0x3A14_7F5C_7F50_6244), ("e286510b023348", "uMFe9C", 0xCF27_ADE8_9F9F_212E),
        ("d8d9999999999", "111111", 0x69E3_3ABE_9F9D_32EC), ("d8d9999999999", "111112", 0x99FB_4BDE_A408_7900),
        ("d8d9999999999", "Furcix", 0xC958_6D3C_387C_ACAE), ("d8d9999999999", "uMFe9C", 0x78B7_1B54_EAE3_D3E0),
        ("3287de9b195508", "111111", 0x903F_D531_410E_2E98), ("3287de9b195508", "111112", 0x10FA_F7CD_0A72_8D54),
        ("3287de9b195508", "Furcix", 0x9F6C_0E69_C0CC_B985), ("3287de9b195508", "uMFe9C", 0xDE01_FAF3_4F64_95D4),
        (long, "111111", 0xB07C_00F7_CF4A_4FCA), (long, "111112", 0xFE62_06C9_9884_7461),
        (long, "Furcix", 0xF7A2_9D2C_9219_B045), (long, "uMFe9C", 0xA9D1_0EBC_5871_9C25),
    ]

    static let machines = [
        "e286510b023348", "d8d9999999999", "3287de9b195508", "148e21ea7d4689", "6e82d4f4a7e008",
    ]

    static func ids(_ texts: [String]) throws -> [InstanceID] { try texts.map { try #require(InstanceID($0)) } }

    /// Machines of a region, as the platform names them.
    static func region(of count: Int) throws -> [InstanceID] {
        try ids((0..<count).map { "e28650\(100_000_000 + $0)" })
    }

    /// Codes that differ in their last bits only, which is the worst that there is.
    static func codes(_ count: UInt64) throws -> [RoomCode] {
        let region = try #require(Region(name: "iad"))
        return (0..<count).map { RoomCode(home: region, random: $0) }
    }

    @Test("the weight of a code at a machine is the same everywhere", arguments: vectors)
    func weight(id: String, code: String, weight: UInt64) throws {
        let machine = try #require(InstanceID(id))
        #expect(Rendezvous.weight(of: try #require(RoomCode(code)), at: machine) == weight)
    }

    @Test(
        "the machines of a code are in the order of their weights",
        arguments: [
            ("111111", [3, 2, 0, 1, 4]), ("111112", [0, 4, 1, 3, 2]), ("111113", [0, 1, 3, 4, 2]),
            ("111114", [4, 1, 3, 2, 0]), ("Furcix", [1, 2, 3, 0, 4]), ("uMFe9C", [3, 4, 2, 0, 1]),
        ])
    func order(text: String, order: [Int]) throws {
        let code = try #require(RoomCode(text))
        let machines = try Self.ids(Self.machines)
        for ids in [machines, machines.reversed(), machines.shuffled()] {
            let rendezvous = Rendezvous(ids)
            #expect(rendezvous.order(for: code) == order.map { machines[$0] })
            #expect(rendezvous.winner(of: code) == machines[order[0]])
        }
    }

    @Test("exactly one machine wins a code, and a list may or may not name the one that asks")
    func oneWinner() throws {
        let machines = try Self.region(of: 20)
        let rendezvous = Rendezvous(machines)
        for code in try Self.codes(200) {
            let winners = machines.filter { rendezvous.isWon(by: $0, code) }
            #expect(winners == [try #require(rendezvous.winner(of: code))])
            #expect(Rendezvous(machines.filter { $0 != winners[0] }).isWon(by: winners[0], code))
        }
    }

    @Test("when a machine leaves, only its own codes have another winner: the one that was next")
    func leaving() throws {
        let machines = try Self.region(of: 20)
        let (all, rest) = (Rendezvous(machines), Rendezvous(machines.dropFirst()))
        for code in try Self.codes(500) {
            let order = all.order(for: code)
            #expect(rest.winner(of: code) == (order[0] == machines[0] ? order[1] : order[0]))
        }
    }

    @Test("without machines nobody wins, and whoever is alone wins all")
    func alone() throws {
        let own = try #require(InstanceID("self"))
        for code in try Self.codes(100) {
            #expect(Rendezvous([]).winner(of: code) == nil && Rendezvous([]).order(for: code).isEmpty)
            #expect(Rendezvous([]).isWon(by: own, code) && Rendezvous([own]).isWon(by: own, code))
        }
    }

    @Test("each machine of a region wins about as many codes", arguments: [2, 3, 10, 100, 300])
    func balance(count: Int) throws {
        let machines = try Self.region(of: count)
        let rendezvous = Rendezvous(machines)
        let expected = 40
        var won: [InstanceID: Int] = [:]
        for code in try Self.codes(UInt64(count * expected)) {
            won[try #require(rendezvous.winner(of: code)), default: 0] += 1
        }
        let squares = machines.map { machine in
            let difference = Double(won[machine, default: 0] - expected)
            return difference * difference / Double(expected)
        }
        // Chi-squared, whose mean is the degrees of freedom and whose variance is twice that: five deviations.
        let freedom = Double(count - 1)
        #expect(squares.reduce(0, +) < freedom + 5 * (2 * freedom).squareRoot() + 5)
    }
}
