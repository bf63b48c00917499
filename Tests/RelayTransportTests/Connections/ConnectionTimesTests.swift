import TestSupport
import Testing

@testable import RelayEngine

@Suite("When a connection is looked at")
struct ConnectionTimesTests {
    /// What happens to the timer entry, and what it comes to.
    private enum Step {
        case arm(UInt64, sets: Bool)
        case fired(UInt64, counts: Bool)
        case forget
    }

    @Test(
        "a timer is set for an earlier moment only, and of those that were set the last one alone counts",
        arguments: [
            [.arm(10, sets: true), .arm(10, sets: false), .arm(11, sets: false), .fired(10, counts: true)],
            [.arm(10, sets: true), .arm(9, sets: true), .fired(9, counts: true), .fired(10, counts: false)],
            [.arm(10, sets: true), .arm(9, sets: true), .fired(10, counts: false), .fired(9, counts: true)],
            [.arm(10, sets: true), .fired(10, counts: true), .fired(10, counts: false), .arm(10, sets: true)],
            [.arm(10, sets: true), .fired(10, counts: true), .arm(11, sets: true), .fired(11, counts: true)],
            [.arm(.max, sets: false), .fired(10, counts: false)],
            [.arm(10, sets: true), .forget, .fired(10, counts: false), .arm(20, sets: true), .fired(20, counts: true)],
        ] as [[Step]])
    private func arming(steps: [Step]) {
        var times = ConnectionTimes(now: 1)
        for step in steps {
            switch step {
            case .arm(let moment, let sets): #expect(times.arm(moment) == sets, "\(step)")
            case .fired(let moment, let counts): #expect(times.checkFired(moment) == counts, "\(step)")
            case .forget: times.forgetCheck()
            }
        }
    }

    @Test(
        "a connection is looked at by the earliest of the moments asked for since the last look",
        arguments: 1...8 as ClosedRange<UInt64>)
    func looksInTime(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var times = ConnectionTimes(now: 0)
        var timers = TimerQueue<Void>()
        var asked: [UInt64] = []
        var looks = 0
        for now in 0..<2_000 as Range<UInt64> {
            if dice.roll(3) == 0 {
                let moment = now + UInt64(dice.roll(60))
                asked.append(moment)
                if times.arm(moment) { timers.set((), at: moment) }
            }
            while let (_, deadline) = timers.popDue(now: now) {
                guard times.checkFired(deadline) else { continue }
                #expect(asked.min() == deadline)
                asked = []
                looks += 1
            }
            #expect(asked.allSatisfy { $0 > now })
        }
        #expect(looks > 100)
    }

    /// What a peer does, or the loop with it, at a moment in seconds.
    private enum Event {
        case read(UInt64)
        case ping(UInt64)
        case waitEnded(UInt64)
    }

    @Test(
        "silence ends half the idle timeout after the last byte, the last ping, or the end of a wait",
        arguments: [
            ([], 5, false), ([.read(3)], 8, false), ([.ping(5)], 10, true), ([.ping(5), .read(7)], 12, false),
            ([.ping(5), .ping(10)], 15, true), ([.read(4), .ping(9), .read(9)], 14, false),
            // Who was not read could not answer, and still owes it.
            ([.waitEnded(60)], 65, false), ([.ping(5), .waitEnded(60)], 65, true),
            ([.ping(5), .waitEnded(60), .read(61)], 66, false), ([.waitEnded(60), .ping(65)], 70, true),
        ] as [([Event], UInt64, Bool)])
    private func silence(events: [Event], endsAfter: UInt64, awaitsPong: Bool) {
        let start: UInt64 = 1_000_000_000_000
        func moment(_ seconds: UInt64) -> UInt64 { start + seconds * MonotonicClock.nanosecondsPerSecond }
        var times = ConnectionTimes(now: start)
        for event in events {
            switch event {
            case .read(let second): times.bytesArrived(at: moment(second))
            case .ping(let second): times.pinged(at: moment(second), bytes: 2, behind: SendProgress())
            case .waitEnded(let second): times.waitEnded(at: moment(second))
            }
        }
        #expect(times.silenceEnds(idleTimeout: 10) == moment(endsAfter))
        #expect(times.awaitsPong == awaitsPong)
        #expect(times.silenceEnds(idleTimeout: 0) == .max)
    }

    @Test("half of a timeout of an odd number of seconds is not rounded")
    func oddTimeout() {
        #expect(ConnectionTimes(now: 7).silenceEnds(idleTimeout: 3) == 1_500_000_007)
    }
}
