import RelayCore
import Testing

@testable import RelayCluster

@Suite("The state of one lookup")
struct RoomSearchTests {
    static func id(_ number: Int) throws -> InstanceID { try ClusterUnderTest.id(number) }
    static func ids(_ numbers: some Sequence<Int>) throws -> [InstanceID] { try numbers.map(id) }

    /// A lookup among siblings with these numbers, the first of which should have the room.
    static func search(_ siblings: ClosedRange<Int>, suspects: [Int] = []) throws -> (RoomSearch, RoomSearch.Action) {
        var search = RoomSearch()
        let action = search.listed(
            try ids(siblings), first: try id(siblings.lowerBound), suspects: Set(try ids(suspects)))
        return (search, action)
    }

    /// The same after a no of the first one.
    static func searchOfAll(_ siblings: ClosedRange<Int>, suspects: [Int] = []) throws -> RoomSearch {
        var (search, _) = try Self.search(siblings, suspects: suspects)
        #expect(search.answered(try id(siblings.lowerBound), .notFound) == .ask(try ids(siblings.dropFirst())))
        #expect(search.asked() == .wait)
        return search
    }

    @Test("without a list of the siblings the lookup has failed")
    func unlisted() {
        var search = RoomSearch()
        #expect(search.listed(nil, first: nil, suspects: []) == .missed(.failed))
    }

    @Test("without siblings the room is not found, if a list that is not old has none either")
    func alone() throws {
        var search = RoomSearch()
        #expect(search.listed([], first: nil, suspects: []) == .relist)
        var other = search
        #expect(search.relisted([]) { _ in true } == .missed(.notFound))
        #expect(other.relisted(try Self.ids([4])) { _ in true } == .askAnew(try Self.ids([4])))
    }

    @Test("the sibling that should have the room is asked alone, and its yes ends the lookup")
    func first() throws {
        var (search, action) = try Self.search(1...3)
        #expect(action == .askFirst(try Self.id(1)))
        #expect(search.isAwaitingFirst)
        #expect(search.unanswered == [try Self.id(1)])
        #expect(search.answered(try Self.id(1), .found) == .found(try Self.id(1)))
    }

    @Test(
        "the others are asked after its no or its failure",
        arguments: [.notFound, .failed(.closed), .failed(.status(500)), .timedOut, .cancelled] as [ProbeOutcome])
    func others(outcome: ProbeOutcome) throws {
        var (search, _) = try Self.search(1...3)
        #expect(search.answered(try Self.id(1), outcome) == .ask(try Self.ids(2...3)))
        #expect(!search.isAwaitingFirst)
    }

    @Test("the others are asked when its answer is late, or when it becomes a suspect, and only once")
    func late() throws {
        var (search, _) = try Self.search(1...3)
        #expect(search.becameSuspect(try Self.id(2)) == .wait)
        var other = search
        #expect(search.patienceEnded() == .ask(try Self.ids(2...3)))
        #expect(search.patienceEnded() == .wait)
        #expect(search.answered(try Self.id(1), .notFound) == .wait)
        #expect(other.becameSuspect(try Self.id(1)) == .ask(try Self.ids(2...3)))
        #expect(other.patienceEnded() == .wait)
        #expect(other.answered(try Self.id(1), .found) == .found(try Self.id(1)))
    }

    @Test("all are asked at once if the one that should have the room is a suspect")
    func suspectedFirst() throws {
        let (_, action) = try Self.search(1...3, suspects: [1])
        #expect(action == .ask(try Self.ids(1...3)))
    }

    @Test("the first yes ends the lookup, even if others have not answered")
    func found() throws {
        var search = try Self.searchOfAll(1...3, suspects: [3])
        #expect(search.answered(try Self.id(2), .found) == .found(try Self.id(2)))
    }

    @Test(
        "a miss is certain if all siblings answered no; otherwise its result names the failure",
        arguments: [
            ([ProbeOutcome.notFound, .notFound], ClusterStatistics.LookupResult.notFound),
            ([.notFound, .failed(.status(500))], .failed), ([.failed(.noRoom), .failed(.tooLong)], .failed),
            ([.timedOut, .notFound], .timedOut), ([.timedOut, .failed(.status(500))], .timedOut),
            ([.failed(.noRoom), .timedOut], .timedOut),
        ])
    func missed(outcomes: [ProbeOutcome], result: ClusterStatistics.LookupResult) throws {
        var (search, _) = try Self.search(1...2)
        #expect(search.answered(try Self.id(1), outcomes[0]) == .ask(try Self.ids([2])))
        #expect(search.answered(try Self.id(2), outcomes[1]) == .relist)
        #expect(search.relisted(try Self.ids(1...2)) { _ in true } == .missed(result))
    }

    @Test("who could not be reached is asked anew, once, at addresses that are not old")
    func unreachable() throws {
        var search = try Self.searchOfAll(1...2)
        #expect(search.answered(try Self.id(2), .failed(.connection("refused"))) == .relist)
        #expect(search.relisted(try Self.ids(1...2)) { _ in true } == .askAnew(try Self.ids([2])))
        var other = search
        #expect(search.answered(try Self.id(2), .failed(.connection("refused"))) == .relist)
        #expect(search.relisted(try Self.ids(1...2)) { _ in true } == .missed(.failed))
        #expect(other.answered(try Self.id(2), .notFound) == .relist)
        #expect(other.relisted(try Self.ids(1...2)) { _ in true } == .missed(.notFound))
    }

    @Test("who has come since is asked too, and who is listed no more need not have answered")
    func relisted() throws {
        var search = try Self.searchOfAll(1...2)
        #expect(search.answered(try Self.id(2), .failed(.status(500))) == .relist)
        #expect(search.relisted(try Self.ids(1...4)) { _ in true } == .askAnew(try Self.ids(3...4)))
        #expect(search.answered(try Self.id(3), .notFound) == .wait)
        var other = search
        #expect(search.answered(try Self.id(4), .found) == .found(try Self.id(4)))
        #expect(other.answered(try Self.id(4), .notFound) == .relist)
        // Named by an earlier list only.
        let gone = try Self.id(2)
        #expect(other.relisted(try Self.ids(1...4)) { $0 != gone } == .missed(.notFound))
    }

    @Test("without a list that is not old, nobody can tell")
    func notRelisted() throws {
        var search = try Self.searchOfAll(1...2)
        #expect(search.answered(try Self.id(2), .notFound) == .relist)
        #expect(search.relisted(nil) { _ in true } == .missed(.failed))
    }

    @Test("each sibling's first answer counts, and a stranger's never")
    func once() throws {
        var search = try Self.searchOfAll(1...3)
        #expect(search.answered(try Self.id(1), .found) == .wait)
        #expect(search.answered(try Self.id(9), .found) == .wait)
        #expect(search.unanswered == Set(try Self.ids(2...3)))
    }

    @Test("suspects get a brief wait once all others have answered, and only one")
    func suspects() throws {
        var search = try Self.searchOfAll(1...4, suspects: [3, 4])
        #expect(search.answered(try Self.id(2), .notFound) == .waitBriefly)
        #expect(search.answered(try Self.id(3), .notFound) == .wait)
        #expect(search.briefWaitEnded() == .relist)
        #expect(search.relisted(try Self.ids(1...4)) { _ in true } == .missed(.timedOut))
    }

    @Test("a suspect's answer counts as long as the lookup lasts")
    func suspectsAnswer() throws {
        var search = try Self.searchOfAll(1...3, suspects: [3])
        #expect(search.answered(try Self.id(2), .notFound) == .waitBriefly)
        var other = search
        #expect(search.answered(try Self.id(3), .notFound) == .relist)
        #expect(search.briefWaitEnded() == .wait)
        #expect(search.relisted(try Self.ids(1...3)) { _ in true } == .missed(.notFound))
        #expect(other.briefWaitEnded() == .relist)
        var late = other
        #expect(other.answered(try Self.id(3), .found) == .found(try Self.id(3)))
        #expect(late.answered(try Self.id(3), .notFound) == .wait)
        #expect(late.relisted(try Self.ids(1...3)) { _ in true } == .missed(.notFound))
    }

    @Test("a suspect that is listed no more need not answer")
    func suspectGone() throws {
        var (search, _) = try Self.search(1...2, suspects: [1, 2])
        #expect(search.asked() == .waitBriefly)
        #expect(search.answered(try Self.id(1), .notFound) == .wait)
        #expect(search.briefWaitEnded() == .relist)
        #expect(search.relisted(try Self.ids([1])) { _ in true } == .missed(.notFound))
    }

    @Test("a suspect that has had its time is not waited for again, once what was asked anew has been answered")
    func suspectAfterRelist() throws {
        var search = RoomSearch()
        let (dead, frozen) = (try Self.id(1), try Self.id(2))
        _ = search.listed([dead, frozen], first: nil, suspects: [frozen])
        #expect(search.asked() == .wait)
        #expect(search.answered(dead, .failed(.connection("refused"))) == .waitBriefly)
        #expect(search.briefWaitEnded() == .relist)
        #expect(search.relisted([dead, frozen], isListed: { _ in true }) == .askAnew([dead]))
        #expect(search.asked() == .wait)
        #expect(search.answered(dead, .failed(.connection("refused"))) == .relist)
        #expect(search.relisted([dead, frozen], isListed: { _ in true }) == .missed(.timedOut))
    }

    @Test("if only suspects are left to ask, the wait is brief as soon as they have been asked")
    func onlySuspects() throws {
        var (search, _) = try Self.search(1...3, suspects: [2, 3])
        #expect(search.patienceEnded() == .ask(try Self.ids(2...3)))
        #expect(search.answered(try Self.id(1), .notFound) == .wait)
        #expect(search.asked() == .waitBriefly)
        #expect(search.asked() == .wait)
    }

    @Test("a sibling that becomes a suspect during the lookup gets the brief wait too")
    func becomesSuspect() throws {
        var search = try Self.searchOfAll(1...3)
        #expect(search.becameSuspect(try Self.id(2)) == .wait)
        #expect(search.becameSuspect(try Self.id(9)) == .wait)
        #expect(search.answered(try Self.id(3), .notFound) == .waitBriefly)
        var other = try Self.searchOfAll(1...3)
        #expect(other.becameSuspect(try Self.id(2)) == .wait)
        #expect(other.becameSuspect(try Self.id(3)) == .waitBriefly)
    }
}
