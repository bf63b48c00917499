internal import NIOCore

/// The most time for any step: a machine may be far away or asleep, or the platform's proxy wait for it in vain for 5
/// s.
package enum Patience {
    package static let standard = Duration.seconds(20)
}

/// Runs the body, and throws `Unexpected` if it takes longer.
///
/// The body is then cancelled, and must return at once.
func within<Result: Sendable>(
    _ limit: Duration, at place: String, expecting expected: String,
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw Unexpected(at: place, expected: expected, got: "nothing for \(limit)")
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw CancellationError() }
        return result
    }
}

extension EventLoopFuture where Value: Sendable {
    /// The value; closes the channel that it depends on when the task is cancelled.
    func get(orClose channel: any Channel) async throws -> Value {
        try await withTaskCancellationHandler {
            try await get()
        } onCancel: {
            channel.close(promise: nil)
        }
    }
}
