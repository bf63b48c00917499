import Testing

@testable import party_load

@Suite("The clock of a loop")
struct LoopClockTests {
    private static let second: UInt64 = 1_000_000_000

    private static func clock(at time: UInt64, patience: UInt64 = 10 * second) -> LoopClock {
        var clock = LoopClock(start: 5, patience: patience)
        clock.advance(to: time)
        return clock
    }

    @Test("a wait ends at its deadline, and after 20 ms at the latest")
    func wait() {
        let clock = Self.clock(at: 100)
        let longest: UInt64 = 20_000_000
        let waits: [(UInt64, UInt64)] = [(0, 0), (100, 0), (101, 1), (longest + 100, longest), (.max, longest)]
        for (deadline, wait) in waits {
            #expect(clock.wait(until: deadline) == wait)
        }
        #expect(clock.sinceStart == 95)
    }

    @Test("a loop is stuck after as long without progress as its patience")
    func stuck() {
        var clock = Self.clock(at: 1_000, patience: 50)
        clock.noteProgress()
        #expect(clock.patienceEnd == 1_050)
        for (time, isStuck) in [(1_000, false), (1_049, false), (1_050, true)] as [(UInt64, Bool)] {
            clock.advance(to: time)
            #expect(clock.isStuck == isStuck)
        }
        clock.noteProgress()
        #expect(!clock.isStuck)
    }

    @Test("after an interruption the final wait is no longer than a second", arguments: [second / 2, 10 * second])
    func final(patience: UInt64) {
        let clock = Self.clock(at: 0, patience: patience)
        #expect(clock.finalPatience(isCutShort: false) == patience)
        #expect(clock.finalPatience(isCutShort: true) == min(patience, Self.second))
    }
}
