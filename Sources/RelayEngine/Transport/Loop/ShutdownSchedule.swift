/// The number of a loop's connections that must be closed by each moment, spread evenly over the time.
///
/// The loops are staggered: with a few large rooms, one on each loop, all would otherwise close at the same moment.
struct ShutdownSchedule: Hashable, Sendable {
    /// Connections at the beginning.
    let count: Int
    /// Nanoseconds until the last one is closed.
    let span: UInt64
    /// The index of this loop among `places`.
    let place: Int
    let places: Int

    /// The number that must be closed after this many nanoseconds.
    ///
    /// The k-th of n, counted from 0, closes after (k + place / places) / n of the span.
    func gone(after elapsed: UInt64) -> Int {
        guard elapsed < span else { return count }
        let turns = Int(elapsed * UInt64(count * places) / span)
        return turns < place ? 0 : min((turns - place) / places + 1, count)
    }
}
