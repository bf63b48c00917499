internal import Synchronization

/// A counter that all loops add to.
struct SharedCount: ~Copyable, Sendable {
    private let value = Atomic<Int>(0)

    var current: Int { value.load(ordering: .relaxed) }

    func add(_ amount: Int) { value.wrappingAdd(amount, ordering: .relaxed) }
}

/// The signals and counters between the loops and the main thread.
///
/// Each counter stands alone and publishes nothing else, so relaxed ordering is enough. A loop's measurements are read
/// only after its thread has ended.
final class RunControl: Sendable {
    /// Loops whose members are all in their rooms.
    let ready = SharedCount()
    /// Loops that have ended the measured part by completing their work.
    let measured = SharedCount()
    /// Loops that are done measuring and hold their connections until they are released.
    let finished = SharedCount()
    let ended = SharedCount()
    /// The start of the traffic; 0 until it is decided.
    private let begin = Atomic<UInt64>(0)
    private let from = Atomic<UInt64>(.max)
    private let until = Atomic<UInt64>(.max)
    private let cutOff = Atomic<Bool>(false)
    private let allMeasured = Atomic<Bool>(false)
    private let released = Atomic<Bool>(false)
    /// Shown in the progress line only.
    let deliveries = SharedCount()
    let connections = SharedCount()

    /// The times at which the traffic begins and the measured part begins and ends.
    struct Course {
        let begin: UInt64
        let from: UInt64
        let until: UInt64
    }

    /// Nil until the main thread has decided it.
    var course: Course? {
        let begin = begin.load(ordering: .acquiring)
        guard begin > 0 else { return nil }
        return Course(begin: begin, from: from.load(ordering: .relaxed), until: end)
    }

    /// Takes turns until the course is decided; nil if the run is cut short before.
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

    /// The end of the measured time; cutting the run short brings it forward.
    var end: UInt64 { until.load(ordering: .relaxed) }

    /// Ends the run early: the user has interrupted it, or no loop can go on.
    func cutShort(at now: UInt64) {
        cutOff.store(true, ordering: .relaxed)
        until.store(min(now, end), ordering: .relaxed)
    }

    var isCutShort: Bool { cutOff.load(ordering: .relaxed) }

    /// Tells the loops that the server's resource usage has been sampled.
    func endMeasuring() { allMeasured.store(true, ordering: .relaxed) }

    var isMeasured: Bool { allMeasured.load(ordering: .relaxed) }

    /// Tells the loops that their connections are no longer needed.
    func release() { released.store(true, ordering: .relaxed) }

    var isReleased: Bool { released.load(ordering: .relaxed) }
}
