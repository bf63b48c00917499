import TestSupport
import Testing

@testable import RelayEngine

@Suite("The bound on the memory of all buffers")
struct MemoryBudgetTests {
    private typealias Holder = MemoryBudget.Holder

    /// The budgets of several loops that hold so much.
    private static func budgets(maxBytes: Int, holding held: [Int]) -> [MemoryBudget] {
        let ledger = BufferLedger(loops: held.count)
        return held.indices.map { loop in
            var budget = MemoryBudget(maxBytes: maxBytes, loop: loop, ledger: ledger)
            budget.record(held[loop])
            return budget
        }
    }

    private static func holders(_ held: [Int]) -> [Holder] {
        held.map { Holder(bytes: $0, age: 1_000_000, standing: .member) }
    }

    @Test(
        "of those that hold for equally long, who holds most goes first, and no more of them than must",
        arguments: [
            ([], 10, []), ([10, 9, 8], 0, []), ([10, 9, 8], -5, []), ([10, 9, 8], 1, [0]), ([10, 9, 8], 10, [0]),
            ([10, 9, 8], 11, [0, 1]), ([8, 10, 9], 19, [1, 2]), ([8, 10, 9], 20, [1, 2, 0]),
            ([8, 10, 9], 1_000, [1, 2, 0]), ([0, 0], 10, []), ([3, 0, 1], 100, [0, 2]),
            // Of equals the first, and one only where one is enough.
            ([5, 5, 5], 5, [0]), ([5, 5, 5], 6, [0, 1]), ([1, 5, 5, 1], 11, [1, 2, 0]),
        ])
    func heaviest(held: [Int], excess: Int, chosen: [Int]) {
        #expect(MemoryBudget.choice(of: Self.holders(held), until: excess) == chosen)
    }

    @Test(
        "who holds much for a moment goes after those that hold little for long; one that closes with much goes first, then who does not play"
    )
    func longest() {
        let second: UInt64 = 1_000_000_000
        let holders = [
            // A message of 200 kB on its way in, since 20 ms.
            Holder(bytes: 200_000, age: second / 50, standing: .member),
            Holder(bytes: 15_000, age: 5 * second, standing: .member),
            Holder(bytes: 70_000, age: 0, standing: .closing),
            Holder(bytes: 4_096, age: 0, standing: .closing),
            Holder(bytes: 15_000, age: 6 * second, standing: .member),
            Holder(bytes: 100, age: 0, standing: .stranger),
        ]
        #expect(MemoryBudget.choice(of: holders, until: .max) == [2, 5, 4, 1, 0, 3])
    }

    @Test("whatever they hold, the choice is enough, and without its last not", arguments: 1...8 as ClosedRange<UInt64>)
    func isSmallest(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let held = (0..<dice.roll(12)).map { _ in dice.roll(3) * dice.roll(50) }
            let excess = dice.roll(300)
            let chosen = MemoryBudget.choice(of: Self.holders(held), until: excess)
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

    @Test(
        "buffers may take what handlers and connections leave, and never less than a quarter",
        arguments: [
            (handler: 0, connections: 0, buffers: 1_024_000), (300_000, 0, 724_000), (0, 500, 768_000),
            (300_000, 500, 468_000), (512_000, 500, 256_000), (700_000, 500, 256_000), (0, 5_000, 256_000),
        ])
    func restingBytes(handler: Int, connections: Int, buffers: Int) {
        #expect(TransportSettings.bytesPerConnection == 512)
        for (held, isExceeded) in [(buffers, false), (buffers + 1, true)] {
            var budgets = Self.budgets(maxBytes: 1_024_000, holding: [held - 1_000, 1_000])
            budgets[0].recordHandler(handler / 2)
            budgets[1].recordHandler(handler - handler / 2)
            budgets[1].recordConnections(connections)
            for var budget in budgets {
                #expect(budget.isExceeded == isExceeded)
                // Until an eighth of that is free: what rests takes nobody's connection.
                #expect(budget.beginShedding() == (isExceeded ? held - buffers / 8 * 7 : 0))
            }
        }
    }

    @Test("what rests never makes a loop the one that must shed: closing connections would not free it")
    func heaviestInBuffers() {
        var budgets = Self.budgets(maxBytes: 100, holding: [50, 80, 20])
        budgets[2].recordHandler(1_000)
        budgets[0].recordConnections(1_000)
        #expect(budgets[0].exceeded() == 1)
    }

    @Test(
        "handlers may hold half of the bound, all together; without one any amount",
        arguments: [
            (100, [20, 29], 1, true), (100, [20, 30], 1, false), (100, [50, 0], 0, true), (100, [0, 0], 51, false),
            (100, [0, 60], -5, false), (100, [0, 54], -4, true), (0, [1 << 40, 0], 1 << 40, true),
        ])
    func handlers(maxBytes: Int, held: [Int], more: Int, isAllowed: Bool) {
        var budgets = Self.budgets(maxBytes: maxBytes, holding: [1_000, 1_000])
        for (loop, bytes) in held.enumerated() { budgets[loop].recordHandler(bytes) }
        for budget in budgets { #expect(budget.handlersMayHold(more) == isAllowed) }
    }

    @Test("a loop holds what it last recorded, free blocks included")
    func records() {
        var budgets = Self.budgets(maxBytes: 100, holding: [60, 60])
        budgets[0].record(40)
        #expect(!budgets[1].isExceeded)
        budgets[0].record(40, free: 1)
        #expect(budgets[1].isExceeded)
    }

    @Test(
        "the nearer the bound, the longer who sends much is paused; below three quarters nobody is",
        arguments: [(0, nil), (600, nil), (601, 24), (700, 510), (800, 1_000), (2_000, 1_000)])
    func pauses(held: Int, milliseconds: UInt64?) {
        for budget in Self.budgets(maxBytes: 800, holding: [held]) {
            #expect(budget.pause.map { $0 / 1_000_000 } == milliseconds)
        }
        for budget in Self.budgets(maxBytes: 0, holding: [held]) { #expect(budget.pause == nil) }
    }

    @Test("the loop that holds most is asked once, by whichever loop, until it begins to shed; itself any time")
    func asksOnce() {
        var budgets = Self.budgets(maxBytes: 100, holding: [50, 80, 20])
        for _ in 0..<2 {
            #expect(budgets[0].exceeded() == 1)
            #expect(budgets[0].exceeded() == nil)
            #expect(budgets[2].exceeded() == nil)
            #expect(!budgets[0].isSheddingDue && !budgets[2].isSheddingDue)
            #expect(budgets[1].exceeded() == nil)
            #expect(budgets[1].isSheddingDue)
            _ = budgets[1].beginShedding()
            #expect(!budgets[1].isSheddingDue)
        }
        // What one loop was asked is no answer for another that has become the heaviest.
        #expect(budgets[0].exceeded() == 1)
        budgets[2].record(90)
        #expect(budgets[0].exceeded() == 2)
    }

    @Test(
        "beyond the bound, so many bytes are to go until an eighth of it is free",
        arguments: [
            (800, [900], 200), (800, [500, 400], 200), (800, [801], 101), (800, [800], 0), (800, [701], 0),
            (800, [10], 0), (0, [900], 0),
        ])
    func excess(maxBytes: Int, held: [Int], excess: Int) {
        for var budget in Self.budgets(maxBytes: maxBytes, holding: held) {
            #expect(budget.beginShedding() == excess)
        }
    }

    // MARK: Memory that is free

    private enum Step {
        case record(Int)
        case handler(Int)
        case free(Int)
        case gone(Int)
    }

    @Test(
        "one timer is set while blocks are kept, or much has been freed; memory goes back once most of it is free",
        arguments: [
            ([], false, false), ([.record(10 << 20)], false, false),
            ([.record(10 << 20), .record(1 << 20)], true, true),
            ([.record(10 << 20), .record(9 << 20)], false, false),
            // Most is in use, and what is free is soon needed again.
            ([.record(10 << 20), .record(6 << 20)], true, false),
            // What a handler frees counts like buffers.
            ([.handler(10 << 20), .handler(0)], true, true), ([.handler(10 << 20), .handler(9 << 20)], false, false),
            ([.record(1 << 20), .handler(10 << 20), .handler(1 << 20)], true, true),
            ([.free(1)], true, false), ([.free(1), .free(0)], false, false),
            ([.gone(TransportSettings.connectionsPerTrim - 1)], false, false),
            ([.gone(TransportSettings.connectionsPerTrim)], true, true),
        ] as [([Step], Bool, Bool)])
    private func trims(steps: [Step], needsTimer: Bool, givesBack: Bool) {
        var budget = MemoryBudget(maxBytes: 0, loop: 0, ledger: BufferLedger(loops: 1))
        for step in steps {
            switch step {
            case .record(let bytes): budget.record(bytes)
            case .handler(let bytes): budget.recordHandler(bytes)
            case .free(let bytes): budget.record(0, free: bytes)
            case .gone(let count): for _ in 0..<count { budget.connectionGone() }
            }
        }
        #expect(budget.needsTrimTimer() == needsTimer)
        #expect(budget.needsTrimTimer() == false)
        guard needsTimer else { return }
        #expect(budget.trimTimerFired() == givesBack)
        if givesBack { #expect(budget.needsTrimTimer() == false) }
    }

    @Test(
        "unfinished input is stale once others have paused for a second without a break",
        arguments: [
            ([0], [false]), ([0, 500, 999], [false, false, false]), ([0, 500, 1_000], [false, false, true]),
            // Once a second.
            ([0, 500, 1_000, 1_001, 1_999, 2_000], [false, false, true, false, false, true]),
            // Between two of them the memory was enough.
            ([0, 500, 1_501, 2_400, 2_501], [false, false, false, false, true]),
        ])
    func stale(pauses: [UInt64], isStale: [Bool]) {
        var budget = MemoryBudget(maxBytes: 0, loop: 0, ledger: BufferLedger(loops: 1))
        let answers = pauses.map { budget.paused(at: 10_000_000_000 + $0 * 1_000_000) }
        #expect(answers == isStale)
    }
}
