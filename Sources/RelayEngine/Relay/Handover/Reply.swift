internal import NIOConcurrencyHelpers

/// The answer to a command, which somebody outside of the loops waits for.
///
/// Given once. If it is dropped without an answer, as with a loop that ends, the answer is nil: nobody waits for ever.
final class Reply<Answer: Sendable>: Sendable {
    private let waiting: NIOLockedValueBox<CheckedContinuation<Answer?, Never>?>

    private init(_ continuation: CheckedContinuation<Answer?, Never>) {
        waiting = NIOLockedValueBox(continuation)
    }

    deinit {
        give(nil)
    }

    func callAsFunction(_ answer: Answer?) {
        give(answer)
    }

    /// Waits for the answer to what `ask` sends off.
    static func wait(_ ask: (Reply) -> Void) async -> Answer? {
        await withCheckedContinuation { ask(Reply($0)) }
    }

    private func give(_ answer: Answer?) {
        let continuation = waiting.withLockedValue { waiting in
            defer { waiting = nil }
            return waiting
        }
        continuation?.resume(returning: answer)
    }
}
