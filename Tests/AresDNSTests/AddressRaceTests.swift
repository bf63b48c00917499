import Testing

@testable import AresDNS

@Suite("Addresses of both families, as a state")
struct AddressRaceTests {
    /// An answer of one family: addresses, or an error.
    enum Told: Sendable {
        case addresses([UInt8])
        case error(AresError.Code)

        var answer: AddressRace.Answer {
            switch self {
            case .addresses(let bytes): .success(bytes.map { [$0] })
            case .error(let code): .failure(AresError(code, ""))
            }
        }
    }

    /// What the caller gets, in words.
    static func words(_ action: AddressRace.Action) -> String {
        switch action {
        case .wait: "wait"
        case .waitBriefly: "wait briefly"
        case .end(.success(let addresses)): "\(addresses.flatMap { $0 })"
        case .end(.failure(let error)): error.code.rawValue
        }
    }

    static let pairs: [(ipv6: Told, ipv4: Told, end: String)] = [
        (.addresses([6]), .addresses([4]), "[6, 4]"),
        (.addresses([6, 7]), .addresses([4, 5]), "[6, 7, 4, 5]"),
        (.addresses([6]), .error(.noData), "[6]"), (.error(.noData), .addresses([4]), "[4]"),
        (.addresses([6]), .error(.noSuchName), "[6]"), (.error(.noSuchName), .addresses([4]), "[4]"),
        (.addresses([6]), .error(.timeout), "[6]"), (.error(.timeout), .addresses([4]), "[4]"),
        (.addresses([6]), .error(.malformed), "[6]"), (.error(.serverFailure), .addresses([4]), "[4]"),
        (.error(.noSuchName), .error(.noSuchName), "noSuchName"), (.error(.noData), .error(.noData), "noData"),
        (.error(.noSuchName), .error(.noData), "noData"), (.error(.noData), .error(.noSuchName), "noData"),
        (.error(.noSuchName), .error(.timeout), "timeout"), (.error(.refused), .error(.noData), "refused"),
        (.error(.serverFailure), .error(.timeout), "serverFailure"),
    ]

    @Test("the addresses of both families count, and a name fails only when both have", arguments: pairs)
    func both(ipv6: Told, ipv4: Told, end: String) {
        for first in AddressRace.Family.allCases {
            var race = AddressRace()
            let answers = first == .ipv6 ? [(first, ipv6), (.ipv4, ipv4)] : [(first, ipv4), (.ipv6, ipv6)]
            let wait =
                switch answers[0].1 {
                case .addresses: "wait briefly"
                case .error: "wait"
                }
            #expect(Self.words(race.answered(answers[0].0, answers[0].1.answer)) == wait)
            #expect(Self.words(race.answered(answers[1].0, answers[1].1.answer)) == end)
        }
    }

    @Test(
        "the addresses of one family wait for the other only until the delay ends",
        arguments: AddressRace.Family.allCases)
    func delay(family: AddressRace.Family) {
        var race = AddressRace()
        #expect(Self.words(race.answered(family, .success([[1], [2]]))) == "wait briefly")
        #expect(Self.words(race.delayEnded()) == "[1, 2]")
    }
}
