/// The members that read no more until a time of their own has passed: those that fall behind.
///
/// All rest equally long, so they wake up in the order in which they lay down.
struct RestingReaders {
    /// The time from one read to the next, in nanoseconds.
    static let rest: UInt64 = 10_000_000

    private var resting: [(index: Int, due: UInt64)] = []
    private var next = 0

    /// The time at which the first one wakes up; `.max` if none rests.
    @inline(__always)
    var nextDue: UInt64 { next < resting.count ? resting[next].due : .max }

    /// A member has read, and rests.
    mutating func append(_ index: Int, at now: UInt64) {
        resting.append((index, now + RestingReaders.rest))
    }

    /// Takes the next member that has rested; nil if there is none.
    @inline(__always)
    mutating func popDue(at now: UInt64) -> Int? {
        guard nextDue <= now else { return nil }
        defer {
            next += 1
            if next == resting.count {
                resting.removeAll(keepingCapacity: true)
                next = 0
            }
        }
        return resting[next].index
    }
}
