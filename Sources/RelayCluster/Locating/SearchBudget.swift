internal import NIOCore

/// The questions of searches that may be under way at once, all siblings and lookups together.
///
/// A code that nobody has costs a question to each sibling. Such searches take turns, so that the one question which finds
/// an existing room does not wait behind thousands of theirs. Loop-bound.
final class SearchBudget {
    /// A search that waits for its turn.
    final class Turn {
        fileprivate let count: Int
        fileprivate var onTurn: (() -> Void)?

        fileprivate init(_ count: Int, onTurn: @escaping () -> Void) {
            self.count = count
            self.onTurn = onTurn
        }

        /// Gives it up.
        func cancel() {
            onTurn = nil
        }
    }

    private let most: Int
    private var inUse = 0
    private var waiting = CircularBuffer<Turn>()
    private var isGranting = false

    init(_ most: Int) {
        self.most = most
    }

    /// Calls back when as many questions may be asked, perhaps at once; `release` gives them back.
    ///
    /// A search that is larger than all that may be under way has its turn alone.
    func request(_ count: Int, onTurn: @escaping () -> Void) -> Turn {
        let turn = Turn(count, onTurn: onTurn)
        waiting.append(turn)
        grant()
        return turn
    }

    func release(_ count: Int) {
        inUse -= count
        grant()
    }

    private func grant() {
        // A search may end while it has its turn, and so release.
        guard !isGranting else { return }
        isGranting = true
        while let turn = waiting.first {
            guard let onTurn = turn.onTurn else {
                waiting.removeFirst()
                continue
            }
            guard inUse == 0 || inUse + turn.count <= most else { break }
            waiting.removeFirst()
            turn.onTurn = nil
            inUse += turn.count
            onTurn()
        }
        isGranting = false
    }
}
