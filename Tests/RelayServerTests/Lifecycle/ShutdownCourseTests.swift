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

    @Test(
        "each event calls for one action, or for none",
        arguments: [
            ([.signal(term)], [.drain]),
            ([.empty, .timeIsUp], [nil, nil]),
            ([.signal(term), .empty, .stopped], [.drain, .end(.atOnce, .empty), .finish]),
            ([.signal(term), .timeIsUp, .stopped], [.drain, .end(spread, .timeIsUp), .finish]),
            // Whichever comes first ends the drain, and closing those who are left takes its time.
            ([.signal(term), .empty, .timeIsUp], [.drain, .end(.atOnce, .empty), nil]),
            ([.signal(term), .timeIsUp, .empty], [.drain, .end(spread, .timeIsUp), nil]),
            ([.signal(term), .signal(term)], [.drain, .end(.hasty, .secondSignal)]),
            (
                [.signal(interrupt), .signal(term), .empty, .timeIsUp, .stopped],
                [.drain, .end(.hasty, .secondSignal), nil, nil, .finish]
            ),
            (
                [.signal(term), .timeIsUp, .signal(term), .stopped],
                [.drain, .end(spread, .timeIsUp), .end(.hasty, .secondSignal), .finish]
            ),
            ([.signal(term), .signal(term), .signal(term)], [.drain, .end(.hasty, .secondSignal), nil]),
        ] as [([Event], [Action?])])
    func actions(events: [Event], actions: [Action?]) {
        var course = ShutdownCourse(spread: Self.spread)
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
        var course = ShutdownCourse(spread: Self.spread)
        for event in events { _ = course.handle(event) }
        #expect(course.lastSignal == signal)
    }
}
