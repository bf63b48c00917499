/// The numbers of a loop's connections that are to be gone at each moment, if they are to go evenly.
///
/// The loops take turns: with a few large rooms, one on each, all would else go in the same moment.
struct ShutdownSchedule: Hashable, Sendable {
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
