internal import NIOCore

/// How long the search for a room may take, what is remembered of it, and how much of it may go on at once.
///
/// The relay runs with the defaults; tests that provoke a timeout ask for shorter ones.
struct ClusterLimits: Sendable {
    /// Of one lookup in all, DNS included.
    var lookup: TimeAmount = .seconds(3)
    /// How long siblings that were silent before are waited for once all others have answered.
    var patienceWithSuspects: TimeAmount = .milliseconds(250)
    /// How long a room stays unknown after all siblings have said that they do not have it.
    var missMemory: TimeAmount = .seconds(2)
    /// The same when some sibling could not say.
    var doubtfulMissMemory: TimeAmount = .seconds(1)
    var rememberedMisses = 8_192
    var lookupsAtOnce = 128
    var probesAtOnce = 1_024
    var names = AnswerCacheTimes()
    /// One search for a machine that takes new games, DNS included.
    var readyPeerLookup: TimeAmount = .seconds(2)
    /// One machine's part in that search.
    var readinessProbe: TimeAmount = .seconds(1)
    /// Machines that are asked at the same time whether they take new games.
    var readinessProbesAtOnce = 8
    /// Between two warnings of one kind.
    var warningInterval: TimeAmount = .minutes(1)
}

/// How long answers of the DNS are used.
struct AnswerCacheTimes: Sendable {
    /// An answer is taken for the truth for this long.
    var fresh: TimeAmount = .seconds(5)
    /// The same for a list without siblings, which may be the truth and is an odd one, and for a failure.
    var doubtful: TimeAmount = .seconds(1)
    /// The last good answer stands in for one that fails or is slow, until it is this old. Long, since a machine that has
    /// left since then costs a refused connection, and one that cannot be found costs a game.
    var stale: TimeAmount = .hours(1)
    /// How long a query may take before the last good answer stands in for it; after a failure it does so at once.
    var patience: TimeAmount = .milliseconds(250)
    /// How long a query may take at all. Longer than a lookup, which so may find the answer to its predecessor's query.
    var query: TimeAmount = .seconds(5)
}
