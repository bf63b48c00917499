/// One piece of the relay's pure code with fixed input, to be repeated and measured.
///
/// Each stands for work that clients cause often, in typical sizes.
struct Workload: Sendable {
    /// The limit of its costs.
    enum Limit: Hashable, Sendable {
        /// It runs for every message: it neither allocates nor touches a reference count.
        case nothing
        /// It runs when a client joins or leaves, and allocates at most this many times.
        case allocations(Int)
    }

    let name: String
    let limit: Limit
    /// Repeats the work, and returns a value that depends on all of it, so that the optimiser can drop none.
    let run: @Sendable (_ repetitions: Int) -> Int

    init(_ name: String, _ limit: Limit, run: @escaping @Sendable (_ repetitions: Int) -> Int) {
        self.name = name
        self.limit = limit
        self.run = run
    }

    static let all = relaying + json + frames + rooms + http + routing
}

/// Input of a workload that the code under measurement refuses: the input or the code is wrong.
func refused(_ error: any Error) -> Never {
    fatalError("refused: \(error)")
}
