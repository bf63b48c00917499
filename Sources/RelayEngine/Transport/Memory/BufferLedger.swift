internal import Synchronization

/// The bytes that each loop holds, for its connections and for what its handler keeps, so that the process as a whole
/// stays within a bound.
///
/// Each loop writes its own entry; any loop may read all. The sums are kept beside them, since they are asked for with
/// every read of much.
final class BufferLedger: Sendable {
    private let loops: [Entry]
    private let bufferedSum = Atomic<Int>(0)
    private let handlerSum = Atomic<Int>(0)
    private let connectionSum = Atomic<Int>(0)

    private final class Entry: Sendable {
        /// In buffers, which closing connections frees.
        let bytes = Atomic<Int>(0)
        /// What the handler keeps.
        let handlerBytes = Atomic<Int>(0)
        /// The connections themselves.
        let connectionBytes = Atomic<Int>(0)
        let isAskedToShed = Atomic<Bool>(false)
    }

    init(loops: Int) {
        self.loops = (0..<loops).map { _ in Entry() }
    }

    func record(_ bytes: Int, of loop: Int) {
        let before = loops[loop].bytes.exchange(bytes, ordering: .relaxed)
        if bytes != before { bufferedSum.add(bytes - before, ordering: .relaxed) }
    }

    func recordHandler(_ bytes: Int, of loop: Int) {
        let before = loops[loop].handlerBytes.exchange(bytes, ordering: .relaxed)
        handlerSum.add(bytes - before, ordering: .relaxed)
    }

    func recordConnections(_ bytes: Int, of loop: Int) {
        let before = loops[loop].connectionBytes.exchange(bytes, ordering: .relaxed)
        connectionSum.add(bytes - before, ordering: .relaxed)
    }

    /// In buffers.
    var total: Int { bufferedSum.load(ordering: .relaxed) }

    /// What handlers keep.
    var handlerTotal: Int { handlerSum.load(ordering: .relaxed) }

    /// What is held beside buffers, and stays when connections are closed for their buffers.
    var restingTotal: Int { handlerTotal + connectionSum.load(ordering: .relaxed) }

    /// The loop that holds most in buffers.
    var heaviest: Int {
        loops.indices.max { loops[$0].bytes.load(ordering: .relaxed) < loops[$1].bytes.load(ordering: .relaxed) } ?? 0
    }

    /// - Returns: false if this loop has been asked to shed load and has not yet begun.
    func askToShed(_ loop: Int) -> Bool {
        !loops[loop].isAskedToShed.exchange(true, ordering: .relaxed)
    }

    func beginsToShed(_ loop: Int) {
        loops[loop].isAskedToShed.store(false, ordering: .relaxed)
    }
}
