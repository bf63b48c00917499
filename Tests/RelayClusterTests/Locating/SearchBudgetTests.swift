import Testing

@testable import RelayCluster

@Suite("The turns of searches")
struct SearchBudgetTests {
    /// Requests by their counts; each is granted when it is told so.
    final class Stage {
        let budget: SearchBudget
        var granted: [Int] = []
        var turns: [SearchBudget.Turn] = []

        init(most: Int) { budget = SearchBudget(most) }

        func request(_ counts: Int...) {
            for count in counts {
                turns.append(budget.request(count) { [unowned self] in granted.append(count) })
            }
        }
    }

    @Test("as many questions as are allowed are under way at once, and the others follow in their order")
    func order() {
        let stage = Stage(most: 10)
        stage.request(4, 5, 2, 1)
        #expect(stage.granted == [4, 5])
        stage.budget.release(1)
        #expect(stage.granted == [4, 5, 2])
        stage.budget.release(1)
        #expect(stage.granted == [4, 5, 2, 1])
    }

    @Test("a search larger than all that is allowed has its turn alone")
    func large() {
        let stage = Stage(most: 10)
        stage.request(1, 30, 1)
        #expect(stage.granted == [1])
        stage.budget.release(1)
        #expect(stage.granted == [1, 30])
        stage.budget.release(29)
        #expect(stage.granted == [1, 30, 1])
    }

    @Test("who gives up loses its turn, and nobody waits for it")
    func cancelled() {
        let stage = Stage(most: 2)
        stage.request(2, 2, 1, 1)
        stage.turns[1].cancel()
        stage.budget.release(2)
        #expect(stage.granted == [2, 1, 1])
    }

    @Test("a search that ends within its turn lets the next one begin")
    func endsAtOnce() {
        let budget = SearchBudget(1)
        var granted = 0
        var turns: [SearchBudget.Turn] = []
        for _ in 0..<1_000 {
            turns.append(
                budget.request(1) {
                    granted += 1
                    budget.release(1)
                })
        }
        #expect(granted == 1_000)
    }
}
