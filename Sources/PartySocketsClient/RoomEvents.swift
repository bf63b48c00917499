internal import NIOConcurrencyHelpers

/// What happens in a room, in the order in which it happens; the last is `RoomEvent.closed`.
///
/// As many events as `RoomOptions.eventBuffer` wait for a reader. Beyond, new ones are dropped, and the next one that
/// finds room is preceded by `RoomEvent.missed`: there is no silent gap. `Room.peers`, `Room.state` and the rest of
/// what a `Room` tells are up to date all the same. One task reads at a time; when it is cancelled, the connection ends.
public struct RoomEvents: AsyncSequence, Sendable {
    private let stream: AsyncStream<RoomEvent>
    private let ending: NIOLockedValueBox<Ending>

    /// What the buffer need not hold.
    struct Ending: Sendable {
        var error = PartyError(.aborted, "Cancelled")
        var missed = 0
    }

    static func make(buffer: Int) -> (RoomEvents, EventFeed) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: RoomEvent.self, bufferingPolicy: .bufferingOldest(Swift.max(buffer, 1)))
        let ending = NIOLockedValueBox(Ending())
        return (RoomEvents(stream: stream, ending: ending), EventFeed(continuation, ending: ending))
    }

    /// Reads from the first event on that nobody has read.
    public func makeAsyncIterator() -> Iterator {
        Iterator(base: stream.makeAsyncIterator(), ending: ending)
    }

    /// The reader's position.
    public struct Iterator: AsyncIteratorProtocol {
        var base: AsyncStream<RoomEvent>.Iterator
        let ending: NIOLockedValueBox<Ending>
        private var isOver = false

        init(base: AsyncStream<RoomEvent>.Iterator, ending: NIOLockedValueBox<Ending>) {
            self.base = base
            self.ending = ending
        }

        /// The next event; nil after `RoomEvent.closed`.
        public mutating func next() async -> RoomEvent? {
            guard !isOver else { return nil }
            if let event = await base.next() { return event }
            let missed = ending.withLockedValue { ending in
                defer { ending.missed = 0 }
                return ending.missed
            }
            if missed > 0 { return .missed(missed) }
            isOver = true
            return .closed(ending.withLockedValue(\.error))
        }
    }
}

/// The end of `RoomEvents` where events go in.
struct EventFeed: Sendable {
    private let continuation: AsyncStream<RoomEvent>.Continuation
    private let ending: NIOLockedValueBox<RoomEvents.Ending>

    init(_ continuation: AsyncStream<RoomEvent>.Continuation, ending: NIOLockedValueBox<RoomEvents.Ending>) {
        self.continuation = continuation
        self.ending = ending
    }

    func emit(_ event: RoomEvent) {
        let missed = ending.withLockedValue(\.missed)
        if missed > 0 {
            guard case .enqueued = continuation.yield(.missed(missed)) else { return count(missed + 1) }
            count(0)
        }
        if case .dropped = continuation.yield(event) { count(1) }
    }

    private func count(_ missed: Int) {
        ending.withLockedValue { $0.missed = missed }
    }

    func finish(_ error: PartyError) {
        ending.withLockedValue { $0.error = error }
        continuation.finish()
    }

    /// Calls the body when the reader's task is cancelled, or nobody can read any more.
    func onAbandon(_ body: @escaping @Sendable () -> Void) {
        continuation.onTermination = { termination in
            if case .cancelled = termination { body() }
        }
    }
}
