import RelayEngine
import Testing

@testable import RelayServer

@Suite("The course of a shutdown")
struct ShutdownCourseTests {
    typealias Event = ShutdownCourse.Event
    typealias Action = ShutdownCourse.Action

    private static let spread = ShutdownMode.spread(seconds: 5)
    private static let term: Int32 = 15
    private static let interrupt: Int32 = 2
    private static let hangUp: Int32 = 1

    @Test(
        "each event calls for one action, or for none",
        arguments: [
            ([.signal(term)], [.drain(term)]),
            ([.empty, .timeIsUp], [nil, nil]),
            ([.signal(term), .empty, .stopped], [.drain(term), .end(.atOnce, .empty), .finish]),
            ([.signal(term), .timeIsUp, .stopped], [.drain(term), .end(spread, .timeIsUp), .finish]),
            // Whichever comes first ends the drain, and closing those who are left takes its time.
            ([.signal(term), .empty, .timeIsUp], [.drain(term), .end(.atOnce, .empty), nil]),
            ([.signal(term), .timeIsUp, .empty], [.drain(term), .end(spread, .timeIsUp), nil]),
            ([.signal(term), .signal(term)], [.drain(term), .end(.hasty, .secondSignal)]),
            (
                [.signal(interrupt), .signal(term), .empty, .timeIsUp, .stopped],
                [.drain(interrupt), .end(.hasty, .secondSignal), nil, nil, .finish]
            ),
            (
                [.signal(term), .timeIsUp, .signal(term), .stopped],
                [.drain(term), .end(spread, .timeIsUp), .end(.hasty, .secondSignal), .finish]
            ),
            // A terminal that goes is heard of twice, and is no reason to hurry.
            ([.hangUp, .hangUp, .signal(term)], [.drain(hangUp), nil, .end(.hasty, .secondSignal)]),
            ([.signal(term), .hangUp, .empty], [.drain(term), nil, .end(.atOnce, .empty)]),
            ([.signal(term), .signal(term), .signal(term)], [.drain(term), .end(.hasty, .secondSignal), nil]),
        ] as [([Event], [Action?])])
    func actions(events: [Event], actions: [Action?]) {
        var course = ShutdownCourse(spread: Self.spread, isDelayed: false)
        #expect(events.map { course.handle($0) } == actions)
    }

    @Test(
        "with a delay a drain without a room lasts until it is over, but no signal and no bound waits for it",
        arguments: [
            ([.signal(term), .empty, .delayIsOver, .stopped], [.drain(term), nil, .end(.atOnce, .empty), .finish]),
            ([.signal(term), .delayIsOver, .empty, .stopped], [.drain(term), nil, .end(.atOnce, .empty), .finish]),
            ([.signal(term), .empty, .empty, .delayIsOver], [.drain(term), nil, nil, .end(.atOnce, .empty)]),
            ([.signal(term), .delayIsOver, .timeIsUp], [.drain(term), nil, .end(spread, .timeIsUp)]),
            ([.signal(term), .empty, .timeIsUp, .delayIsOver], [.drain(term), nil, .end(spread, .timeIsUp), nil]),
            (
                [.signal(hangUp), .empty, .signal(term), .delayIsOver, .stopped],
                [.drain(hangUp), nil, .end(.hasty, .secondSignal), nil, .finish]
            ),
        ] as [([Event], [Action?])])
    func delay(events: [Event], actions: [Action?]) {
        var course = ShutdownCourse(spread: Self.spread, isDelayed: true)
        #expect(events.map { course.handle($0) } == actions)
    }

    @Test(
        "where rooms are handed over, an empty machine goes on until their players have followed",
        arguments: [
            ([.signal(term), .empty, .followed, .stopped], [.drain(term), nil, .end(.atOnce, .empty), .finish]),
            ([.signal(term), .followed, .empty], [.drain(term), nil, .end(.atOnce, .empty)]),
            ([.signal(term), .followed, .timeIsUp], [.drain(term), nil, .end(spread, .timeIsUp)]),
            ([.signal(term), .empty, .timeIsUp, .followed], [.drain(term), nil, .end(spread, .timeIsUp), nil]),
            ([.followed, .signal(term), .empty, .followed], [nil, .drain(term), nil, .end(.atOnce, .empty)]),
            // Those that nobody has taken are in the file.
            ([.signal(term), .followed, .kept, .empty], [.drain(term), nil, .end(.brief, .kept), nil]),
        ] as [([Event], [Action?])])
    func handover(events: [Event], actions: [Action?]) {
        var course = ShutdownCourse(spread: Self.spread, isDelayed: false, handsOver: true)
        #expect(events.map { course.handle($0) } == actions)
    }

    @Test(
        "rooms that are kept end the drain at once, unless it has ended before",
        arguments: [
            ([.signal(term), .kept, .stopped], [.drain(term), .end(.brief, .kept), .finish]),
            ([.signal(term), .timeIsUp, .kept], [.drain(term), .end(spread, .timeIsUp), nil]),
            ([.signal(term), .signal(term), .kept], [.drain(term), .end(.hasty, .secondSignal), nil]),
            ([.kept], [nil]),
        ] as [([Event], [Action?])])
    func kept(events: [Event], actions: [Action?]) {
        var course = ShutdownCourse(spread: Self.spread, isDelayed: false)
        #expect(events.map { course.handle($0) } == actions)
    }

    @Test(
        "a drain that nobody elsewhere needs ends at once, unless it has ended before",
        arguments: [
            ([.signal(interrupt), .onlyHere, .stopped], [.drain(interrupt), .end(.brief, .onlyHere), .finish]),
            ([.signal(interrupt), .empty, .onlyHere], [.drain(interrupt), .end(.atOnce, .empty), nil]),
            ([.signal(interrupt), .onlyHere, .empty], [.drain(interrupt), .end(.brief, .onlyHere), nil]),
            (
                [.signal(interrupt), .signal(interrupt), .onlyHere],
                [.drain(interrupt), .end(.hasty, .secondSignal), nil]
            ),
            ([.onlyHere], [nil]),
        ] as [([Event], [Action?])])
    func onlyHere(events: [Event], actions: [Action?]) {
        var course = ShutdownCourse(spread: Self.spread, isDelayed: false)
        #expect(events.map { course.handle($0) } == actions)
    }

    @Test(
        "only the second signal counts as cutting the shutdown short",
        arguments: [
            ([.signal(term), .empty, .stopped], nil), ([.signal(term), .timeIsUp, .stopped], nil),
            ([.signal(term), .signal(interrupt)], interrupt), ([.signal(interrupt), .signal(term)], term),
            ([.signal(term), .signal(interrupt), .signal(term)], interrupt),
            ([.signal(term), .empty, .signal(interrupt)], interrupt),
        ] as [([Event], Int32?)])
    func lastSignal(events: [Event], signal: Int32?) {
        var course = ShutdownCourse(spread: Self.spread, isDelayed: false)
        for event in events { _ = course.handle(event) }
        #expect(course.lastSignal == signal)
    }
}
