import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

@Suite("The board with the machines")
struct MachineBoardTests {
    /// A board on a clock of milliseconds.
    struct Clocked {
        let board = MachineBoard(own: InstanceID("self"), times: AnswerCacheTimes())

        static func at(_ milliseconds: Int64) -> NIODeadline {
            .uptimeNanoseconds(1_000_000_000) + .milliseconds(milliseconds)
        }

        func list(_ siblings: [String], _ distant: [String] = [], isComplete: Bool = true, at time: Int64) {
            let siblings = siblings.compactMap { InstanceID($0) }
            board.list(
                siblings: siblings, listed: siblings + distant.compactMap { InstanceID($0) }, isComplete: isComplete,
                now: Self.at(time))
        }

        func region(_ time: Int64) -> [String] { board.read(now: Self.at(time)).view.region.map(\.text) }

        func isListed(_ id: String, _ time: Int64) throws -> Bool? {
            board.read(now: Self.at(time)).view.isListed(try #require(InstanceID(id)))
        }
    }

    @Test("before the first list this machine is alone, and nobody can tell who exists")
    func empty() throws {
        let clocked = Clocked()
        #expect(clocked.region(0) == ["self"])
        #expect(try clocked.isListed("a", 0) == nil && clocked.isListed("self", 0) == nil)
        let nameless = MachineBoard(own: nil, times: AnswerCacheTimes())
        #expect(nameless.read(now: .now()).view.region.isEmpty)
    }

    @Test("a list tells the region with this machine, and who exists in all regions")
    func listed() throws {
        let clocked = Clocked()
        clocked.list(["b", "a"], ["far"], at: 0)
        #expect(clocked.region(1) == ["b", "a", "self"])
        for id in ["a", "b", "far", "self"] { #expect(try clocked.isListed(id, 1) == true) }
        #expect(try clocked.isListed("c", 1) == false)
        clocked.list(["a"], isComplete: false, at: 2)
        #expect(try clocked.isListed("c", 3) == nil)
    }

    @Test("a list tells who exists for an hour, and for a minute while the DNS fails; the region stays")
    func outdated() throws {
        let clocked = Clocked()
        clocked.list(["a"], at: 0)
        #expect(try clocked.isListed("c", 3_599_999) == false)
        #expect(try clocked.isListed("c", 3_600_000) == nil && clocked.isListed("a", 3_600_000) == nil)
        clocked.board.queryFailed()
        #expect(try clocked.isListed("c", 59_999) == false && clocked.isListed("a", 59_999) == true)
        #expect(try clocked.isListed("c", 60_000) == nil && clocked.isListed("a", 60_000) == nil)
        #expect(clocked.region(60_000) == ["a", "self"])
        clocked.list(["a"], at: 60_000)
        #expect(try clocked.isListed("c", 120_000) == false)
    }

    @Test("one reader of a list older than five seconds starts a query, and after a second another")
    func interest() {
        let clocked = Clocked()
        func isOld(_ time: Int64) -> Bool { clocked.board.read(now: Clocked.at(time)).isOld }
        #expect(isOld(0) && !isOld(1) && !isOld(999) && isOld(1_000))
        clocked.list(["a"], at: 1_500)
        #expect(!isOld(6_499) && isOld(6_500) && !isOld(6_501) && !isOld(7_499) && isOld(7_500))
        clocked.list(["a"], at: 7_600)
        #expect(!isOld(12_599))
    }
}
