internal import CCounting

/// The costs of a piece of code, without time: the same number in every run, however busy the machine.
struct Counts: Hashable, Sendable {
    /// Calls to malloc's family.
    let allocations: Int
    let retains: Int
    let releases: Int

    /// The total costs of `operation`.
    init(of operation: () -> Void) {
        let (allocations, retains, releases) = (counting_allocations(), counting_retains(), counting_releases())
        operation()
        self.allocations = Int(counting_allocations() - allocations)
        self.retains = Int(counting_retains() - retains)
        self.releases = Int(counting_releases() - releases)
    }
}

/// The costs of one of many repetitions, as a mean, since some costs occur only every few repetitions.
struct CountsPerRepetition: Hashable, Sendable {
    let allocations: Double
    let retains: Double
    let releases: Double

    /// Measured as the difference between some repetitions and twice as many, so that one-time costs, like growing a
    /// buffer that is used again, do not count.
    ///
    /// - Parameter operation: repeats its work as many times as its argument says.
    init(of operation: (_ repetitions: Int) -> Void) {
        let repetitions = 1_000
        // Initialises everything that is lazy.
        operation(repetitions)
        let few = Counts { operation(repetitions) }
        let many = Counts { operation(2 * repetitions) }
        allocations = Double(many.allocations - few.allocations) / Double(repetitions)
        retains = Double(many.retains - few.retains) / Double(repetitions)
        releases = Double(many.releases - few.releases) / Double(repetitions)
    }
}
