/// What a member wants to say while it cannot: messages to a bound, and the latest state alone.
struct Outbox: Sendable {
    private let policy: RoomOptions.WhileAway
    private var messages: [(message: ClientMessage, since: Duration)] = []
    private var bytes = 0
    /// The state to set as soon as possible.
    private(set) var state: RawJSON?

    private static let mostBytes = 65_536
    private static let longest = Duration.seconds(10)

    init(_ policy: RoomOptions.WhileAway) {
        self.policy = policy
    }

    /// Keeps a message.
    ///
    /// - Returns: the number of messages that are dropped for it, itself perhaps.
    mutating func add(_ message: ClientMessage, isOrder: Bool = false, at now: Duration) -> Int {
        guard policy == .keep || isOrder, message.text.count <= Self.mostBytes else { return 1 }
        messages.append((message, now))
        bytes += message.text.count
        return dropOldest { $0.bytes > Self.mostBytes }
    }

    mutating func set(_ state: RawJSON) {
        self.state = state
    }

    /// The state, which is no longer kept.
    mutating func takeState() -> RawJSON? {
        defer { state = nil }
        return state
    }

    /// The messages that are still of use, and how many were too old. None is kept.
    mutating func takeMessages(at now: Duration) -> (messages: [ClientMessage], dropped: Int) {
        let dropped = dropOldest { outbox in outbox.messages.first.map { now - $0.since > Self.longest } ?? false }
        defer {
            messages = []
            bytes = 0
        }
        return (messages.map(\.message), dropped)
    }

    private mutating func dropOldest(while isTooMuch: (Outbox) -> Bool) -> Int {
        var dropped = 0
        while isTooMuch(self), !messages.isEmpty {
            bytes -= messages.removeFirst().message.text.count
            dropped += 1
        }
        return dropped
    }
}
