import RelayCore
import Testing

@testable import RelayCluster

@Suite("The state of one lookup")
struct RoomSearchTests {
    /// A lookup among siblings with these numbers.
    static func search(_ siblings: ClosedRange<Int>, suspects: [Int] = []) throws -> (RoomSearch, RoomSearch.Action) {
        var search = RoomSearch()
        let action = search.listed(
            try siblings.map(ClusterUnderTest.id), suspects: try suspects.map(ClusterUnderTest.id))
        return (search, action)
    }

    static func id(_ number: Int) throws -> InstanceID { try ClusterUnderTest.id(number) }

    @Test("without a list of the siblings the lookup has failed")
    func unlisted() {
        var search = RoomSearch()
        #expect(search.listed(nil, suspects: []) == .missed(.failed))
    }

    @Test("without siblings the room is not found")
    func alone() {
        var search = RoomSearch()
        #expect(search.listed([], suspects: []) == .missed(.notFound))
    }

    @Test("the first yes ends the lookup, even if others have not answered")
    func found() throws {
        var (search, action) = try Self.search(1...3, suspects: [3])
        #expect(action == .wait)
        #expect(search.answered(try Self.id(1), .notFound) == .wait)
        #expect(search.answered(try Self.id(2), .found) == .found(try Self.id(2)))
    }

    @Test(
        "a miss is certain if all siblings answered no; otherwise its result names the failure",
        arguments: [
            ([ProbeOutcome.notFound, .notFound], ClusterStatistics.LookupResult.notFound),
            ([.notFound, .failed(.noAddress)], .failed), ([.failed(.closed), .failed(.closed)], .failed),
            ([.timedOut, .notFound], .timedOut), ([.timedOut, .failed(.closed)], .timedOut),
            ([.failed(.closed), .timedOut], .timedOut),
        ])
    func missed(outcomes: [ProbeOutcome], result: ClusterStatistics.LookupResult) throws {
        var (search, _) = try Self.search(1...2)
        #expect(search.answered(try Self.id(1), outcomes[0]) == .wait)
        #expect(search.answered(try Self.id(2), outcomes[1]) == .missed(result))
    }

    @Test("each sibling's first answer counts, and a stranger's never")
    func once() throws {
        var (search, _) = try Self.search(1...2)
        #expect(search.answered(try Self.id(1), .notFound) == .wait)
        #expect(search.answered(try Self.id(1), .notFound) == .wait)
        #expect(search.answered(try Self.id(9), .found) == .wait)
        #expect(search.unanswered == [try Self.id(2)])
    }

    @Test("suspects get a brief wait once all others have answered, and only one")
    func suspects() throws {
        var (search, action) = try Self.search(1...4, suspects: [3, 4])
        #expect(action == .wait)
        #expect(search.answered(try Self.id(1), .notFound) == .wait)
        #expect(search.answered(try Self.id(2), .notFound) == .waitBriefly)
        #expect(search.answered(try Self.id(3), .notFound) == .wait)
        #expect(search.timeEnded() == .missed(.timedOut))
    }

    @Test("a suspect's answer during the brief wait counts")
    func suspectsAnswer() throws {
        var (search, _) = try Self.search(1...2, suspects: [2])
        #expect(search.answered(try Self.id(1), .notFound) == .waitBriefly)
        #expect(search.answered(try Self.id(2), .notFound) == .missed(.notFound))
    }

    @Test("if all are suspects, the wait is brief from the start")
    func onlySuspects() throws {
        let (_, action) = try Self.search(1...2, suspects: [1, 2])
        #expect(action == .waitBriefly)
    }

    @Test("a sibling that becomes a suspect during the lookup gets the brief wait too")
    func becomesSuspect() throws {
        var (search, _) = try Self.search(1...2)
        #expect(search.becameSuspect(try Self.id(2)) == .wait)
        #expect(search.becameSuspect(try Self.id(9)) == .wait)
        #expect(search.answered(try Self.id(1), .notFound) == .waitBriefly)
        var (other, _) = try Self.search(1...2)
        #expect(other.answered(try Self.id(1), .notFound) == .wait)
        #expect(other.becameSuspect(try Self.id(1)) == .wait)
        #expect(other.becameSuspect(try Self.id(2)) == .waitBriefly)
    }
}
