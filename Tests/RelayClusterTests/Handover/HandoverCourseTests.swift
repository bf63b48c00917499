import RelayCore
import Testing

@testable import RelayCluster

@Suite("The course of a handover")
struct HandoverCourseTests {
    typealias Answer = HandoverCourse.Answer
    typealias Action = HandoverCourse.Action

    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let siblings: Int
        let answers: [Answer]
        let actions: [Action]

        init(_ description: String, siblings: Int, _ answers: [Answer], _ actions: [Action]) {
            testDescription = description
            self.siblings = siblings
            self.answers = answers
            self.actions = actions
        }
    }

    static let ids = ["a", "b", "c"].compactMap { InstanceID($0) }

    static let examples = [
        Example("nobody takes rooms", siblings: 0, [], [.end(.noSibling, forgetAt: nil)]),
        Example(
            "the first takes it", siblings: 2, [.taken], [.give(to: ids[0]), .end(.taken(by: ids[0]), forgetAt: nil)]),
        Example(
            "a no leads to the next", siblings: 2, [.refused, .taken],
            [.give(to: ids[0]), .give(to: ids[1]), .end(.taken(by: ids[1]), forgetAt: nil)]),
        Example(
            "players in a room of that code are a no", siblings: 1, [.inUse],
            [.give(to: ids[0]), .end(.refused, forgetAt: nil)]),
        Example(
            "players who came before the room was sent again are a yes", siblings: 2, [.silent, .inUse],
            [.give(to: ids[0]), .give(to: ids[0]), .end(.taken(by: ids[0]), forgetAt: nil)]),
        Example(
            "who cannot be reached has nothing to forget", siblings: 2, [.unreachable, .unreachable],
            [.give(to: ids[0]), .give(to: ids[1]), .end(.failed, forgetAt: nil)]),
        Example(
            "an unclear answer is asked for again", siblings: 1, [.broken, .taken],
            [.give(to: ids[0]), .give(to: ids[0]), .end(.taken(by: ids[0]), forgetAt: nil)]),
        Example(
            "twice unclear is a no that may be a yes", siblings: 2, [.broken, .silent, .taken],
            [
                .give(to: ids[0]), .give(to: ids[0]), .turn(from: ids[0], to: ids[1]),
                .end(.taken(by: ids[1]), forgetAt: nil),
            ]),
        Example(
            "unclear and then unreachable may be a yes too", siblings: 2, [.silent, .unreachable, .refused],
            [
                .give(to: ids[0]), .give(to: ids[0]), .turn(from: ids[0], to: ids[1]),
                .end(.refused, forgetAt: nil),
            ]),
        Example(
            "unclear and then a no is forgotten all the same", siblings: 1, [.broken, .refused],
            [.give(to: ids[0]), .give(to: ids[0]), .end(.refused, forgetAt: ids[0])]),
        Example(
            "the last one is silent", siblings: 2, [.refused, .silent, .silent],
            [.give(to: ids[0]), .give(to: ids[1]), .give(to: ids[1]), .end(.timedOut, forgetAt: ids[1])]),
        Example(
            "each is asked twice at most", siblings: 2, [.broken, .broken, .broken, .broken],
            [
                .give(to: ids[0]), .give(to: ids[0]), .turn(from: ids[0], to: ids[1]), .give(to: ids[1]),
                .end(.failed, forgetAt: ids[1]),
            ]),
    ]

    @Test("each answer leads to one next step", arguments: examples)
    func course(example: Example) {
        var course = HandoverCourse()
        var actions = [course.found(Array(Self.ids.prefix(example.siblings)))]
        for answer in example.answers { actions.append(course.answered(answer)) }
        #expect(actions == example.actions)
    }

    static let examplesOfLaterJourneys = [
        Example(
            "it takes the room again", siblings: 2, [.taken],
            [.give(to: ids[1]), .end(.taken(by: ids[1]), forgetAt: nil)]),
        // Players have come to the room there, so there it is.
        Example("it has players", siblings: 2, [.inUse], [.give(to: ids[1]), .end(.taken(by: ids[1]), forgetAt: nil)]),
        Example(
            "it has forgotten the room and takes none", siblings: 2, [.refused, .taken],
            [.give(to: ids[1]), .turn(from: ids[1], to: ids[0]), .end(.taken(by: ids[0]), forgetAt: nil)]),
        Example(
            "it is silent, and no other takes the room", siblings: 2, [.silent, .refused],
            [.give(to: ids[1]), .turn(from: ids[1], to: ids[0]), .end(.refused, forgetAt: nil)]),
    ]

    @Test("the sibling that has the room as it was before is asked first", arguments: examplesOfLaterJourneys)
    func laterJourney(example: Example) {
        var course = HandoverCourse(former: Self.ids[1])
        var actions = [course.found(Array(Self.ids.prefix(example.siblings)))]
        for answer in example.answers { actions.append(course.answered(answer)) }
        #expect(actions == example.actions)
    }

    @Test("when time is up, whoever is asked is told to forget the room")
    func abandoned() {
        var course = HandoverCourse()
        #expect(course.abandoned(.timedOut) == .end(.timedOut, forgetAt: nil))
        _ = course.found(Self.ids)
        #expect(course.abandoned(.cancelled) == .end(.cancelled, forgetAt: Self.ids[0]))
    }
}
