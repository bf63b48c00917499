import RelayCore
import Testing

@testable import RelayCluster

@Suite("The state of one lookup of a machine that takes new games")
struct ReadyPeerSearchTests {
    static func ids(_ numbers: some Sequence<Int>) throws -> [InstanceID] { try numbers.map(ClusterUnderTest.id) }
    static func id(_ number: Int) throws -> InstanceID { try ClusterUnderTest.id(number) }

    @Test("without a list, or without machines in it, no peer is ready", arguments: [nil, []] as [[InstanceID]?])
    func nobody(machines: [InstanceID]?) {
        var search = ReadyPeerSearch(atOnce: 2)
        #expect(search.listed(machines) == .end(false))
    }

    @Test("the first yes ends it, even if others have not answered")
    func yes() throws {
        var search = ReadyPeerSearch(atOnce: 2)
        #expect(search.listed(try Self.ids(1...4)) == .ask(try Self.ids(1...2)))
        #expect(search.answered(try Self.id(1), .notFound) == .ask(try Self.ids([3])))
        #expect(search.answered(try Self.id(3), .found) == .end(true))
    }

    @Test(
        "anything but a yes is a no, and when all have said no, no peer is ready",
        arguments: [.notFound, .failed(.closed), .timedOut, .cancelled] as [ProbeOutcome])
    func no(outcome: ProbeOutcome) throws {
        var search = ReadyPeerSearch(atOnce: 8)
        #expect(search.listed(try Self.ids(1...2)) == .ask(try Self.ids(1...2)))
        #expect(search.answered(try Self.id(2), outcome) == .ask([]))
        #expect(search.answered(try Self.id(1), outcome) == .end(false))
    }

    @Test("machines are asked in the order of the list, a few at a time, and only up to a bound")
    func bounded() throws {
        let machines = try Self.ids(0..<200)
        var search = ReadyPeerSearch(atOnce: 8)
        guard case .ask(var asked) = search.listed(machines) else { throw Unexpected() }
        #expect(asked.count == 8)
        var next = 0
        while case .ask(let more) = search.answered(asked[next], .notFound) {
            asked += more
            next += 1
            #expect(asked.count - next <= 8)
        }
        #expect(asked == Array(machines.prefix(ReadyPeerSearch.maxAsked)))
        #expect(next == asked.count - 1)
    }

    private struct Unexpected: Error {}
}
