import PartySocketsClient

/// The next event that the closure takes; the others before it are passed over.
///
/// - Throws: `NotHeard` if the room ends before, or after 20 s.
func next<Value: Sendable>(
    _ events: RoomEvents, _ name: String, _ take: @escaping @Sendable (RoomEvent) -> Value?
) async throws -> Value {
    try await within(.seconds(20), name) {
        for await event in events {
            if let value = take(event) { return value }
            if case .closed(let error) = event { throw NotHeard(name: "\(name), but \(error)") }
        }
        throw NotHeard(name: name)
    }
}

/// Waits for one event.
func expect(_ event: RoomEvent, from room: Room) async throws {
    try await next(room.events, "\(event)") { $0 == event ? () : nil }
}

/// How a room ends.
func end(of room: Room) async throws -> PartyError {
    try await within(.seconds(20), "the end") {
        for await event in room.events {
            if case .closed(let error) = event { return error }
        }
        throw NotHeard(name: "the end")
    }
}

struct NotHeard: Error {
    let name: String
}

/// Runs the body, and throws if it takes longer. It must end when it is cancelled.
func within<Result: Sendable>(
    _ limit: Duration, _ name: String, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw NotHeard(name: name)
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() else { throw NotHeard(name: name) }
        return result
    }
}

/// Waits until the condition holds.
func eventually(_ name: String, _ condition: @escaping @Sendable () async -> Bool) async throws {
    try await within(.seconds(20), name) {
        while !(await condition()) { try await Task.sleep(for: .milliseconds(5)) }
    }
}
