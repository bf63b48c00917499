/// One piece of the relay's pure code with fixed input, to be repeated and measured.
///
/// Each stands for something that clients make happen often, in sizes that occur.
struct Workload: Sendable {
    /// What it may cost each time.
    enum Limit: Hashable, Sendable {
        /// It runs for every message: it neither allocates nor touches a reference count.
        case nothing
        /// It runs when somebody comes or goes, and allocates this often at most.
        case allocations(Int)
    }

    let name: String
    let limit: Limit
    /// Repeats the work, and returns something that depends on all of it, so that none can be left out.
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
