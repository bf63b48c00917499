import NIOConcurrencyHelpers

/// A value that a test can wait on: what happens elsewhere changes it, and whoever waits for some state of it goes on.
final class Watched<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var waiting: [(isMet: @Sendable (Value) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: NIOLockedValueBox<State>

    init(_ value: Value) {
        state = NIOLockedValueBox(State(value: value))
    }

    var value: Value { state.withLockedValue { $0.value } }

    @discardableResult
    func change<Result: Sendable>(_ change: @Sendable (inout Value) -> Result) -> Result {
        let (result, ready) = state.withLockedValue { state in
            let result = change(&state.value)
            let value = state.value
            let ready = state.waiting.filter { $0.isMet(value) }.map(\.continuation)
            state.waiting.removeAll { $0.isMet(value) }
            return (result, ready)
        }
        for continuation in ready { continuation.resume() }
        return result
    }

    /// Returns as soon as the value is as it should be; how long that may take is the suite's time limit.
    func wait(until isMet: @escaping @Sendable (Value) -> Bool) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLockedValue { state in
                if isMet(state.value) { return true }
                state.waiting.append((isMet, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }
}
