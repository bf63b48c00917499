import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

@Suite("Ids by address")
struct AddressBookTests {
    /// A book on a clock of seconds.
    struct Clocked {
        var book = AddressBook(own: InstanceID("self"))

        static func at(_ second: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .seconds(second) }

        static func address(_ number: Int) throws -> SocketAddress {
            try SocketAddress(ipAddress: "10.0.\(number >> 8).\(number & 255)", port: 1)
        }

        /// - Returns: the numbers of the addresses to ask.
        mutating func list(_ numbers: [Int], _ second: Int64) throws -> [Int] {
            let asked = book.listed(try numbers.map(Self.address), now: Self.at(second))
            return try numbers.filter { asked.contains(try Self.address($0)) }
        }

        mutating func tell(_ number: Int, _ answer: AddressBook.Answer, _ second: Int64) throws {
            book.told(try Self.address(number), answer, now: Self.at(second))
        }

        mutating func tell(_ number: Int, _ id: String, _ second: Int64) throws {
            try tell(number, .named(try #require(InstanceID(id))), second)
        }

        /// Each machine with the numbers of its addresses.
        var machines: [String] {
            book.machines.machines.map { machine in
                "\(machine.id)"
                    + machine.addresses.map { " " + ($0.ipAddress?.split(separator: ".").last ?? "") }.joined()
            }
        }

        var hasAll: Bool { book.machines.hasAllSiblings }
    }

    @Test("each address is asked once, and machines are those that have told an id, but this one")
    func learns() throws {
        var clocked = Clocked()
        #expect(try clocked.list([1, 2, 3, 2], 0) == [1, 2, 3, 2])
        #expect(clocked.machines == [] && !clocked.hasAll)
        try clocked.tell(1, "a", 0)
        try clocked.tell(2, "self", 0)
        try clocked.tell(3, "b", 0)
        #expect(clocked.machines == ["a 1", "b 3"] && clocked.hasAll)
        #expect(try clocked.list([3, 1, 2], 59) == [])
        #expect(clocked.machines == ["b 3", "a 1"])
        #expect(try clocked.list([1, 4], 59) == [4])
        #expect(clocked.machines == ["a 1"] && !clocked.hasAll)
    }

    @Test("a machine may have several addresses, in the order of the answer")
    func severalAddresses() throws {
        var clocked = Clocked()
        _ = try clocked.list([2, 1, 3], 0)
        for number in 1...3 { try clocked.tell(number, number == 3 ? "b" : "a", 0) }
        #expect(clocked.machines == ["a 2 1", "b 3"])
        _ = try clocked.list([3, 1, 2], 1)
        #expect(clocked.machines == ["b 3", "a 1 2"])
    }

    @Test("an address is asked again after a minute, and at once where another machine has answered")
    func learnsAgain() throws {
        var clocked = Clocked()
        _ = try clocked.list([1, 2], 0)
        try clocked.tell(1, "a", 0)
        try clocked.tell(2, "b", 0)
        clocked.book.distrust(try #require(InstanceID("a")), now: Clocked.at(10))
        #expect(try clocked.list([1, 2], 10) == [1])
        try clocked.tell(1, "c", 10)
        #expect(clocked.machines == ["c 1", "b 2"])
        #expect(try clocked.list([1, 2], 60) == [2])
        try clocked.tell(2, "self", 60)
        #expect(clocked.machines == ["c 1"])
    }

    @Test("a known id outlives a refusal and silence, but not an answer without an id")
    func keeps() throws {
        var clocked = Clocked()
        _ = try clocked.list([1], 0)
        try clocked.tell(1, "a", 0)
        _ = try clocked.list([1], 60)
        for answer in [AddressBook.Answer.nobody, .silence] {
            try clocked.tell(1, answer, 60)
            #expect(clocked.machines == ["a 1"] && clocked.hasAll)
        }
        try clocked.tell(1, .nameless, 70)
        #expect(clocked.machines == [] && clocked.hasAll)
    }

    static let unanswered: [(answer: AddressBook.Answer, askAgain: Int64, hasAll: Bool)] = [
        (.nobody, 1, true), (.silence, 5, false), (.nameless, 10, true),
    ]

    @Test(
        "an address without an id is asked again soon, and whoever is silent there may be a sibling",
        arguments: unanswered)
    func asksAgain(answer: AddressBook.Answer, askAgain: Int64, hasAll: Bool) throws {
        var clocked = Clocked()
        _ = try clocked.list([1], 0)
        try clocked.tell(1, answer, 0)
        #expect(clocked.machines == [] && clocked.hasAll == hasAll)
        #expect(try clocked.list([1], askAgain - 1) == [])
        #expect(try clocked.list([1], askAgain) == [1])
    }

    @Test("an address that is not listed for a moment keeps its id, and one that has gone is forgotten")
    func forgets() throws {
        var clocked = Clocked()
        _ = try clocked.list([1, 2], 0)
        try clocked.tell(1, "a", 0)
        try clocked.tell(2, "b", 0)
        #expect(try clocked.list([1], 5) == [])
        #expect(clocked.machines == ["a 1"])
        #expect(try clocked.list([1, 2], 10) == [])
        #expect(clocked.machines == ["a 1", "b 2"])
        _ = try clocked.list([1], 60)
        #expect(try clocked.list([1, 2], 61) == [1, 2])
    }

    @Test("the number of addresses is bounded")
    func bounded() throws {
        var clocked = Clocked()
        let numbers = Array(0..<AddressBook.maxAddresses + 10)
        #expect(try clocked.list(numbers, 0).count == AddressBook.maxAddresses)
        for number in numbers.prefix(AddressBook.maxAddresses) { try clocked.tell(number, "same", 0) }
        #expect(clocked.book.machines.machines.count == 1 && !clocked.hasAll)
    }
}
