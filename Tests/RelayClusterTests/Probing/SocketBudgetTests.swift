import Testing

@testable import RelayCluster

@Suite("Sockets of the search")
struct SocketBudgetTests {
    /// Somebody who takes a socket when there is one, if it still needs one.
    final class Taker {
        let budget: SocketBudget
        var needs = true
        var hasSocket = false

        init(_ budget: SocketBudget) { self.budget = budget }

        func take() {
            guard needs, !hasSocket else { return }
            hasSocket = budget.take()
            if !hasSocket { budget.wait(self) { [unowned self] in take() } }
        }
    }

    @Test("who waits gets a socket in its turn; who needs none any more leaves it to the next")
    func turns() {
        let budget = SocketBudget(1)
        var shortages = 0
        budget.onShortage = { shortages += 1 }
        let takers = (0..<4).map { _ in Taker(budget) }
        for taker in takers { taker.take() }
        for taker in takers { taker.take() }
        #expect(takers.map(\.hasSocket) == [true, false, false, false])
        #expect(shortages == 3 && budget.isShort)
        takers[1].needs = false
        budget.release()
        #expect(takers.map(\.hasSocket) == [true, false, true, false])
        budget.release()
        #expect(takers[3].hasSocket && !budget.isShort)
        #expect(!budget.take())
    }

    @Test("there is always one")
    func one() {
        let budget = SocketBudget(0)
        #expect(budget.take() && !budget.take())
    }
}
