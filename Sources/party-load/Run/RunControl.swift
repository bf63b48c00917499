internal import Synchronization

/// A number that the loops add to.
struct SharedCount: ~Copyable, Sendable {
    private let value = Atomic<Int>(0)

    var current: Int { value.load(ordering: .relaxed) }

    func add(_ amount: Int) { value.wrappingAdd(amount, ordering: .relaxed) }
}

/// What the loops and the thread that leads them tell each other.
///
/// Each number has one meaning and nothing else is published with it, so relaxed order does. What a loop has measured
/// is read after its thread has ended.
final class RunControl: Sendable {
    /// Loops that have all their members seated.
    let ready = SharedCount()
    /// Loops for which the time that counts has ended by what they have done.
    let measured = SharedCount()
    /// Loops that are done with the time that counts, and wait to be let go.
    let finished = SharedCount()
    let ended = SharedCount()
    /// When the traffic begins; 0 while that is not known.
    private let begin = Atomic<UInt64>(0)
    private let from = Atomic<UInt64>(.max)
    private let until = Atomic<UInt64>(.max)
    private let cutOff = Atomic<Bool>(false)
    private let allMeasured = Atomic<Bool>(false)
    private let released = Atomic<Bool>(false)
    /// For the progress alone.
    let deliveries = SharedCount()
    let connections = SharedCount()

    /// The time that counts, and the traffic before it.
    struct Course {
        let begin: UInt64
        let from: UInt64
        let until: UInt64
    }

    /// Nil until it has been decided.
    var course: Course? {
        let begin = begin.load(ordering: .acquiring)
        guard begin > 0 else { return nil }
        return Course(begin: begin, from: from.load(ordering: .relaxed), until: end)
    }

    /// Waits for the decision; nil if there is to be no traffic.
    func awaitCourse(_ turn: () -> Void) -> Course? {
        while !isCutShort {
            if let course { return course }
            turn()
        }
        return nil
    }

    func start(_ course: Course) {
        from.store(course.from, ordering: .relaxed)
        until.store(course.until, ordering: .relaxed)
        begin.store(course.begin, ordering: .releasing)
    }

    /// When the time that counts ends; cutting the run short brings it forward.
    var end: UInt64 { until.load(ordering: .relaxed) }

    /// Nothing more is to be begun: the user wants to see what there is, or there is nobody who could go on.
    func cutShort(at now: UInt64) {
        cutOff.store(true, ordering: .relaxed)
        until.store(min(now, end), ordering: .relaxed)
    }

    var isCutShort: Bool { cutOff.load(ordering: .relaxed) }

    /// The server's use in the time that counts has been noted.
    func endMeasuring() { allMeasured.store(true, ordering: .relaxed) }

    var isMeasured: Bool { allMeasured.load(ordering: .relaxed) }

    /// The connections are not needed any more.
    func release() { released.store(true, ordering: .relaxed) }

    var isReleased: Bool { released.load(ordering: .relaxed) }
}
