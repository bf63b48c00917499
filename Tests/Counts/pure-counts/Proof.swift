/// Proves that the counters work, since every limit would hold if nothing were counted.
enum Proof {
    private final class Thing {}

    private final class Shelf {
        var thing: Thing?
    }

    /// True if creating an object counts an allocation, and copying a reference a retain and a release.
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

    // Opaque calls, so that the optimiser drops none of it.

    @inline(never)
    private static func make(on shelf: Shelf) {
        shelf.thing = Thing()
    }

    @inline(never)
    private static func share(from shelf: Shelf, to other: Shelf) {
        other.thing = shelf.thing
    }
}
