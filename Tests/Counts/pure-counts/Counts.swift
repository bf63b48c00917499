internal import CCounting

/// What a piece of code cost, apart from time: the same number every time, however busy the machine.
struct Counts: Hashable, Sendable {
    /// Calls to malloc's family.
    let allocations: Int
    let retains: Int
    let releases: Int

    /// What `operation` costs in all.
    init(of operation: () -> Void) {
        let (allocations, retains, releases) = (counting_allocations(), counting_retains(), counting_releases())
        operation()
        self.allocations = Int(counting_allocations() - allocations)
        self.retains = Int(counting_retains() - retains)
        self.releases = Int(counting_releases() - releases)
    }
}

/// What each of many repetitions cost. A mean, since some costs come only every few repetitions.
struct CountsPerRepetition: Hashable, Sendable {
    let allocations: Double
    let retains: Double
    let releases: Double

    /// Measured as the difference between some repetitions and twice as many, so that what happens only once, like
    /// growing a buffer that is used again, does not count.
    ///
    /// - Parameter operation: repeats itself as often as it is told to.
    init(of operation: (_ repetitions: Int) -> Void) {
        let repetitions = 1_000
        // Whatever is initialised at its first use.
        operation(repetitions)
        let few = Counts { operation(repetitions) }
        let many = Counts { operation(2 * repetitions) }
        allocations = Double(many.allocations - few.allocations) / Double(repetitions)
        retains = Double(many.retains - few.retains) / Double(repetitions)
        releases = Double(many.releases - few.releases) / Double(repetitions)
    }
}
