import TestSupport
import Testing

@testable import RelayEngine

@Suite("The bound on the memory of all buffers")
struct MemoryBudgetTests {
    /// The budgets of several loops that hold so much.
    private static func budgets(maxBytes: Int, holding held: [Int]) -> [MemoryBudget] {
        let ledger = BufferLedger(loops: held.count)
        let budgets = held.indices.map { MemoryBudget(maxBytes: maxBytes, loop: $0, ledger: ledger) }
        for (budget, bytes) in zip(budgets, held) { budget.record(bytes) }
        return budgets
    }

    @Test(
        "who holds most goes first, no more of them than must, and nobody who holds nothing",
        arguments: [
            ([], 10, []), ([10, 9, 8], 0, []), ([10, 9, 8], -5, []), ([10, 9, 8], 1, [0]), ([10, 9, 8], 10, [0]),
            ([10, 9, 8], 11, [0, 1]), ([8, 10, 9], 19, [1, 2]), ([8, 10, 9], 20, [1, 2, 0]),
            ([8, 10, 9], 1_000, [1, 2, 0]), ([0, 0], 10, []), ([3, 0, 1], 100, [0, 2]),
            // Of equals the first, and one only where one is enough.
            ([5, 5, 5], 5, [0]), ([5, 5, 5], 6, [0, 1]), ([1, 5, 5, 1], 11, [1, 2, 0]),
        ])
    func heaviest(held: [Int], excess: Int, chosen: [Int]) {
        #expect(MemoryBudget.heaviest(of: held, until: excess) == chosen)
    }

    @Test("whatever they hold, the choice is enough, and without its last not", arguments: 1...8 as ClosedRange<UInt64>)
    func isSmallest(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let held = (0..<dice.roll(12)).map { _ in dice.roll(3) * dice.roll(50) }
            let excess = dice.roll(300)
            let chosen = MemoryBudget.heaviest(of: held, until: excess)
            let freed = chosen.map { held[$0] }
            #expect(Set(chosen).count == chosen.count)
            #expect(freed.reduce(0, +) >= min(excess, held.reduce(0, +)))
            #expect(freed.isEmpty || freed.dropLast().reduce(0, +) < excess)
            let kept = held.indices.filter { !chosen.contains($0) }.map { held[$0] }
            #expect(kept.max() ?? 0 <= freed.min() ?? .max)
        }
    }

    @Test(
        "the bound holds for all loops together; 0 is none",
        arguments: [
            (100, [100], false), (100, [101], true), (100, [50, 50], false), (100, [50, 51], true),
            (0, [1 << 40, 1], false),
        ])
    func exceeded(maxBytes: Int, held: [Int], isExceeded: Bool) {
        for budget in Self.budgets(maxBytes: maxBytes, holding: held) { #expect(budget.isExceeded == isExceeded) }
    }

    @Test("a loop holds what it last recorded")
    func records() {
        let budgets = Self.budgets(maxBytes: 100, holding: [60, 60])
        budgets[0].record(40)
        #expect(!budgets[1].isExceeded)
    }

    @Test("the loop that holds most is asked once, by whichever loop, until it begins to shed; itself any time")
    func asksOnce() {
        let budgets = Self.budgets(maxBytes: 100, holding: [50, 80, 20])
        for _ in 0..<2 {
            #expect(budgets[0].loopToShed() == 1)
            #expect(budgets[0].loopToShed() == nil)
            #expect(budgets[2].loopToShed() == nil)
            #expect(budgets[1].loopToShed() == 1)
            _ = budgets[1].beginShedding()
        }
        // What one loop was asked is no answer for another that has become the heaviest.
        #expect(budgets[0].loopToShed() == 1)
        budgets[2].record(90)
        #expect(budgets[0].loopToShed() == 2)
    }

    @Test(
        "so many bytes are to go until an eighth of the bound is free",
        arguments: [
            (800, [900], 200), (800, [500, 400], 200), (800, [801], 101), (800, [701], 1), (800, [700], 0),
            (800, [10], 0), (0, [900], 0),
        ])
    func excess(maxBytes: Int, held: [Int], excess: Int) {
        for budget in Self.budgets(maxBytes: maxBytes, holding: held) {
            // Less than nothing is nothing.
            #expect(max(budget.beginShedding(), 0) == excess)
        }
    }

    @Test("memory is given back to the system once after every so many that have gone")
    func trims() {
        var budget = MemoryBudget(maxBytes: 0, loop: 0, ledger: BufferLedger(loops: 1))
        let trim = TransportSettings.connectionsPerTrim
        for _ in 0..<2 {
            let answers = (0..<3 * trim).map { _ in budget.connectionGone() }
            #expect(answers.indices.filter { answers[$0] } == [trim - 1])
            budget.trimmed()
        }
    }
}
