/// Shows that the counters count, since every limit holds where nothing is counted.
enum Proof {
    private final class Thing {}

    private final class Shelf {
        var thing: Thing?
    }

    /// Whether an object made is an allocation, and a reference copied a retain and a release.
    static var countersCount: Bool {
        let (shelf, other) = (Shelf(), Shelf())
        let making = CountsPerRepetition { repetitions in
            for _ in 0..<repetitions { make(on: shelf) }
        }
        let sharing = CountsPerRepetition { repetitions in
            for _ in 0..<repetitions { share(from: shelf, to: other) }
        }
        return making.allocations == 1 && sharing.allocations == 0 && sharing.retains == 1
            && sharing.releases == 1
    }

    // Calls into the dark, so that the optimiser drops none of it.

    @inline(never)
    private static func make(on shelf: Shelf) {
        shelf.thing = Thing()
    }

    @inline(never)
    private static func share(from shelf: Shelf, to other: Shelf) {
        other.thing = shelf.thing
    }
}
