import Testing

@testable import RelayEngine

@Suite("A loop's end, as it is planned")
struct LoopDrainTests {
    private static let start = 1_000 * MonotonicClock.nanosecondsPerSecond
    private static let millisecond: UInt64 = 1_000_000

    private static func drain(
        _ mode: ShutdownMode, clients: Int = 10, loop: Int = 0, of loops: Int = 1
    ) -> LoopDrain {
        LoopDrain(mode, clients: clients, loop: loop, of: loops, now: start)
    }

    @Test(
        "of ten clients over five seconds so many are to go after so many milliseconds",
        arguments: [
            (0, 10, .close(1)), (499, 9, .close(0)), (500, 9, .close(1)), (2_600, 8, .close(4)),
            (2_700, 4, .close(0)), (4_500, 4, .close(4)), (4_999, 1, .close(1)), (5_000, 10, .closeAll),
            (60_000, 1, .closeAll),
            // Those who have left by themselves count as gone.
            (0, 4, .close(0)), (2_999, 4, .close(0)), (3_000, 4, .close(1)),
            // Those who have come from another loop have no turn of their own.
            (0, 12, .close(3)), (4_500, 12, .close(12)),
            // With nobody left there is only who may be on the way.
            (0, 0, .close(0)), (19, 0, .close(0)), (20, 0, .closeAll), (20, 1, .close(0)),
        ] as [(UInt64, Int, LoopDrain.Step)])
    func steps(milliseconds: UInt64, staying: Int, step: LoopDrain.Step) {
        let drain = Self.drain(.spread(seconds: 5))
        #expect(drain.step(staying: staying, now: Self.start + milliseconds * Self.millisecond) == step)
    }

    @Test(
        "the loops take turns: each lets its first client go in its part of the time",
        arguments: [
            (0, 0, .close(1)), (1, 0, .close(0)), (1, 249, .close(0)), (1, 250, .close(1)), (3, 749, .close(0)),
            (3, 750, .close(1)),
        ] as [(Int, UInt64, LoopDrain.Step)])
    func turns(loop: Int, milliseconds: UInt64, step: LoopDrain.Step) {
        let drain = Self.drain(.spread(seconds: 1), clients: 1, loop: loop, of: 4)
        #expect(drain.step(staying: 1, now: Self.start + milliseconds * Self.millisecond) == step)
    }

    @Test(
        "without a span everybody goes at once",
        arguments: [ShutdownMode.atOnce, .hasty, .spread(seconds: 0)], [0, 1, 10])
    func atOnce(mode: ShutdownMode, staying: Int) {
        #expect(Self.drain(mode).step(staying: staying, now: Self.start) == .closeAll)
    }

    @Test(
        "a loop that has not closed everybody ends after its span and its patience, and not before",
        arguments: [(.atOnce, 3_000), (.hasty, 300), (.spread(seconds: 5), 8_000)] as [(ShutdownMode, UInt64)])
    func lastMoment(mode: ShutdownMode, milliseconds: UInt64) {
        let drain = Self.drain(mode)
        let end = Self.start + milliseconds * Self.millisecond
        #expect(!drain.isOver)
        #expect(drain.deadline == end)
        // Nobody left is no reason: some may be on their way from other loops.
        for connections in [0, 1] {
            #expect(!drain.hasStopped(connections: connections, now: Self.start))
            #expect(!drain.hasStopped(connections: connections, now: end - 1))
            #expect(drain.hasStopped(connections: connections, now: end))
        }
    }

    @Test(
        "a loop that has closed everybody ends when the last has gone, or is not waited for any longer",
        arguments: [
            (.atOnce, 0, 3_000), (.hasty, 0, 300), (.spread(seconds: 5), 20, 3_020),
            (.spread(seconds: 5), 5_000, 8_000),
        ] as [(ShutdownMode, UInt64, UInt64)])
    func closedAll(mode: ShutdownMode, closedAfter: UInt64, endsAfter: UInt64) {
        var drain = Self.drain(mode)
        let closed = Self.start + closedAfter * Self.millisecond
        let end = Self.start + endsAfter * Self.millisecond
        drain.closedAll(now: closed)
        #expect(drain.isOver)
        #expect(drain.deadline == end)
        #expect(drain.hasStopped(connections: 0, now: closed))
        #expect(!drain.hasStopped(connections: 1, now: closed))
        #expect(!drain.hasStopped(connections: 1, now: end - 1))
        #expect(drain.hasStopped(connections: 1, now: end))
    }
}
