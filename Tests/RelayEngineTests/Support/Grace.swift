import Testing

/// A time that a test's clients have before a room, or a place, is gone.
enum Grace {
    /// Plays a scene with a short grace time, and again with a longer one where the machine was too busy to be in time.
    ///
    /// - Parameter scene: is given the seconds; false if they were over before it had got to what it is about.
    static func outrun(_ scene: (Int) async throws -> Bool) async throws {
        for seconds in [1, 5, 25] where try await scene(seconds) { return }
        Issue.record("the machine is too busy for any grace time")
    }

    /// True if a join came in time. If not, the time is indeed over.
    ///
    /// - Parameter start: a moment before the grace time began.
    static func wasInTime(
        _ answer: String, _ seconds: Int, since start: ContinuousClock.Instant,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Bool {
        guard answer == Refusal.notFound else { return true }
        #expect(ContinuousClock.now - start >= .seconds(seconds), sourceLocation: sourceLocation)
        return false
    }
}
