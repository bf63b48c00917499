import TestSupport
import Testing

@testable import RelayEngine

@Suite("Deadlines of a loop")
struct TimerQueueTests {
    @Test("timers come due in the order of their deadlines, each once", arguments: 1...8 as ClosedRange<UInt64>)
    func comesInOrder(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var queue = TimerQueue<Int>()
        var waiting: [(event: Int, deadline: UInt64)] = []
        var now: UInt64 = 0
        for event in 0..<500 {
            let deadline = now + UInt64(dice.roll(100))
            queue.set(event, at: deadline)
            waiting.append((event, deadline))
            guard dice.roll(4) == 0 else { continue }
            now += UInt64(dice.roll(50))
            #expect(queue.nextDeadline == waiting.map(\.deadline).min())
            var fired: [(event: Int, deadline: UInt64)] = []
            while let due = queue.popDue(now: now) { fired.append(due) }
            #expect(fired.map(\.deadline) == waiting.map(\.deadline).filter { $0 <= now }.sorted())
            #expect(Set(fired.map(\.event)) == Set(waiting.filter { $0.deadline <= now }.map(\.event)))
            waiting.removeAll { $0.deadline <= now }
        }
    }

    @Test("a timer is due at its deadline, and not before")
    func isDueAtDeadline() {
        var queue = TimerQueue<String>()
        #expect(queue.nextDeadline == nil)
        queue.set("ring", at: 10)
        #expect(queue.popDue(now: 9) == nil)
        #expect(queue.popDue(now: 10)?.event == "ring")
        #expect(queue.popDue(now: .max) == nil)
    }
}
