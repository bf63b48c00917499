import NIOConcurrencyHelpers

/// A value that a test can wait on: what happens elsewhere changes it, and whoever waits for some state of it goes on.
final class Watched<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var observers: [AsyncStream<Value>.Continuation] = []
    }

    private let state: NIOLockedValueBox<State>

    init(_ value: Value) {
        state = NIOLockedValueBox(State(value: value))
    }

    var value: Value { state.withLockedValue { $0.value } }

    @discardableResult
    func change<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        state.withLockedValue { state in
            let result = change(&state.value)
            let value = state.value
            state.observers.removeAll { observer in
                if case .terminated = observer.yield(value) { true } else { false }
            }
            return result
        }
    }

    /// Returns as soon as the value is as it should be, or the test's time is over, which is a failure of its own.
    func wait(until isMet: @escaping @Sendable (Value) -> Bool) async {
        let (values, observer) = AsyncStream.makeStream(of: Value.self)
        state.withLockedValue { state in
            observer.yield(state.value)
            state.observers.append(observer)
        }
        for await value in values where isMet(value) { return }
    }
}
