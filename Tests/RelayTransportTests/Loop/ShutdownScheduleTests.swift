import Testing

@testable import RelayEngine

@Suite("Letting go of connections evenly")
struct ShutdownScheduleTests {
    private static func schedule(_ count: Int, place: Int = 0, of places: Int = 1) -> ShutdownSchedule {
        ShutdownSchedule(count: count, span: 1_000, place: place, places: places)
    }

    @Test(
        "after so much of the time so many are gone",
        arguments: [
            (schedule(0), 0, 0), (schedule(0), 1_000, 0),
            (schedule(1), 0, 1), (schedule(1), 999, 1),
            (schedule(4), 0, 1), (schedule(4), 249, 1), (schedule(4), 250, 2), (schedule(4), 749, 3),
            (schedule(4), 750, 4), (schedule(4), 999, 4), (schedule(4), 1_000, 4), (schedule(4), 5_000, 4),
            (schedule(5_000), 500, 2_501), (schedule(5_000), 999, 4_996),
            (schedule(1, place: 1, of: 4), 249, 0), (schedule(1, place: 1, of: 4), 250, 1),
            (schedule(1, place: 3, of: 4), 749, 0), (schedule(1, place: 3, of: 4), 750, 1),
            (schedule(2, place: 1, of: 2), 249, 0), (schedule(2, place: 1, of: 2), 250, 1),
            (schedule(2, place: 1, of: 2), 750, 2), (schedule(2, place: 1, of: 2), 1_000, 2),
        ] as [(ShutdownSchedule, UInt64, Int)])
    func gone(schedule: ShutdownSchedule, elapsed: UInt64, count: Int) {
        #expect(schedule.gone(after: elapsed) == count)
    }

    @Test("without a span everybody goes at once")
    func atOnce() {
        #expect(ShutdownSchedule(count: 7, span: 0, place: 3, places: 4).gone(after: 0) == 7)
    }

    @Test("over all loops connections go one by one, whoever has them", arguments: [1, 3, 10])
    func turns(count: Int) {
        let loops = (0..<4).map { Self.schedule(count, place: $0, of: 4) }
        var before = 0
        for elapsed in UInt64(0)...1_000 {
            let gone = loops.reduce(0) { $0 + $1.gone(after: elapsed) }
            #expect(gone >= before && gone <= before + 1)
            before = gone
        }
        #expect(before == 4 * count)
    }
}
