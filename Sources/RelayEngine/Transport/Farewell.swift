/// How the loops are to end.
package struct Farewell: Hashable, Sendable {
    /// Nanoseconds over which the connections are closed, so that not all clients come back at once; 0 closes all at once.
    let span: UInt64
    /// Nanoseconds that the peers then have to close from their side.
    let patience: UInt64

    package static let atOnce = Farewell(span: 0, patience: 3 * MonotonicClock.nanosecondsPerSecond)
    /// For an operator who will not wait: the close frames get on their way, and that is all.
    package static let hasty = Farewell(span: 0, patience: 3 * MonotonicClock.nanosecondsPerSecond / 10)

    package static func spread(seconds: Int) -> Farewell {
        Farewell(span: UInt64(seconds) * MonotonicClock.nanosecondsPerSecond, patience: atOnce.patience)
    }
}

/// How many of a loop's connections are to be gone when, if they are to go evenly.
///
/// The loops take turns: with a few large rooms, one on each, all would else go in the same moment.
struct FarewellSchedule: Hashable, Sendable {
    /// Connections at the beginning.
    let count: Int
    /// Nanoseconds until the last one goes.
    let span: UInt64
    /// This loop's place among so many.
    let place: Int
    let places: Int

    /// How many are to be gone after so many nanoseconds.
    ///
    /// The k-th of n, counted from 0, goes after (k + place / places) / n of the span.
    func gone(after elapsed: UInt64) -> Int {
        guard elapsed < span else { return count }
        let turns = Int(elapsed * UInt64(count * places) / span)
        return turns < place ? 0 : min((turns - place) / places + 1, count)
    }
}
