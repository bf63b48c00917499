internal import Synchronization

/// The bytes that each loop holds, for its connections and for what its handler keeps, so that the process as a whole
/// stays within a bound.
///
/// Each loop writes its own entry; any loop may read all.
final class BufferLedger: Sendable {
    private let loops: [Entry]

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
        loops[loop].bytes.store(bytes, ordering: .relaxed)
    }

    func recordHandler(_ bytes: Int, of loop: Int) {
        loops[loop].handlerBytes.store(bytes, ordering: .relaxed)
    }

    func recordConnections(_ bytes: Int, of loop: Int) {
        loops[loop].connectionBytes.store(bytes, ordering: .relaxed)
    }

    /// In buffers.
    var total: Int {
        loops.reduce(0) { $0 + $1.bytes.load(ordering: .relaxed) }
    }

    /// What handlers keep.
    var handlerTotal: Int {
        loops.reduce(0) { $0 + $1.handlerBytes.load(ordering: .relaxed) }
    }

    /// What is held beside buffers, and stays when connections are closed for their buffers.
    var restingTotal: Int {
        loops.reduce(handlerTotal) { $0 + $1.connectionBytes.load(ordering: .relaxed) }
    }

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
