internal import HeapModule

/// The deadlines of one loop, earliest first.
///
/// Nothing is ever removed early: the owner of a timer ignores it once it is void, which makes setting and cancelling
/// cheap. An owner keeps at most a few entries, so the queue is bounded by the connections and rooms.
struct TimerQueue<Event> {
    private struct Entry: Comparable {
        let deadline: UInt64
        let event: Event

        static func < (left: Entry, right: Entry) -> Bool { left.deadline < right.deadline }
        static func == (left: Entry, right: Entry) -> Bool { left.deadline == right.deadline }
    }

    private var heap = Heap<Entry>()

    var nextDeadline: UInt64? { heap.min?.deadline }

    /// - Parameter deadline: nanoseconds of the monotonic clock.
    mutating func set(_ event: Event, at deadline: UInt64) {
        heap.insert(Entry(deadline: deadline, event: event))
    }

    /// The earliest event that is due, taken out of the queue.
    mutating func popDue(now: UInt64) -> (event: Event, deadline: UInt64)? {
        guard let first = heap.min, first.deadline <= now else { return nil }
        let entry = heap.removeMin()
        return (entry.event, entry.deadline)
    }
}
