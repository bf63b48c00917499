/// How long to wait before the next attempt.
struct Backoff: Hashable, Sendable {
    /// Attempts since the connection was lost.
    private(set) var attempts = 0

    private static let first = Duration.milliseconds(250)
    private static let longest = Duration.seconds(4)

    /// The first attempt is at once, the second after about a quarter of a second, each later one after twice the wait, but
    /// never more than 4 s. All members of a room lose their connections together, so each wait is shortened by up to
    /// its half.
    ///
    /// - Parameter jitter: a random number from 0 to 1.
    mutating func next(jitter: Double) -> Duration {
        defer { attempts += 1 }
        guard attempts > 0 else { return .zero }
        let wait = min(Self.first * (1 << min(attempts - 1, 10)), Self.longest)
        return wait * (0.5 + jitter / 2)
    }

    mutating func reset() {
        attempts = 0
    }
}
