internal import NIOCore

/// The time limits, memory and concurrency of the search on other machines.
///
/// The relay uses the defaults; tests that provoke a timeout set shorter ones.
struct ClusterLimits: Sendable {
    /// One lookup of a room, DNS included.
    var lookup: TimeAmount = .seconds(3)
    /// The wait for suspects after all other siblings have answered.
    var patienceWithSuspects: TimeAmount = .milliseconds(250)
    /// The wait for the sibling that should have a room before the others are asked, by its usual time.
    var patience = AnswerTimes.Bounds(least: .milliseconds(5), most: .milliseconds(100))
    /// The silence of a sibling with open questions after which it is a suspect, by its usual time.
    var silence = AnswerTimes.Bounds(least: .milliseconds(250), most: .seconds(1))
    /// The time that a miss is remembered after all siblings have answered that they do not have the room.
    var missMemory: TimeAmount = .seconds(2)
    /// The same if some sibling gave no usable answer: shorter than the second after which clients ask again.
    var doubtfulMissMemory: TimeAmount = .milliseconds(500)
    var rememberedMisses = 8_192
    var lookupsAtOnce = 8_192
    /// The questions of searches, which ask all siblings, under way at once.
    var searchQuestionsAtOnce = 1_024
    /// The questions under way on one kept connection. Fewer than a relay answers of one connection in a second.
    var questionsPerConnection = 64
    /// The connections to a sibling that answers one question on each.
    var connectionsPerOther = 8
    var connections = ConnectionTimes()
    /// The sockets of all this.
    var sockets = 1_024
    var names = AnswerCacheTimes()
    /// One search for a machine that takes new games, DNS included.
    var readyPeerLookup: TimeAmount = .seconds(2)
    /// One machine's part in that search.
    var readinessProbe: TimeAmount = .seconds(1)
    /// Machines asked at the same time whether they take new games.
    var readinessProbesAtOnce = 8
    /// The handover of one room, the search for a sibling included.
    var handover: TimeAmount = .seconds(6)
    /// One request of it.
    var handoverAttempt: TimeAmount = .seconds(2)
    /// Rooms that travel at the same time, and the bytes of all of them.
    var handoversAtOnce = 32
    var handoverBytes = 16 << 20
    /// Connections to one sibling that takes rooms.
    var connectionsPerTaker = 4
    /// The time after which another address of a sibling is tried.
    var addressHeadStart: TimeAmount = .milliseconds(300)
    /// Asking all siblings whether they take rooms, and one of them.
    var takersRound: TimeAmount = .milliseconds(1_500)
    var takersProbe: TimeAmount = .seconds(1)
    var takersAskedAtOnce = 32
    /// The time for which their answers are good, and the same once one of them has refused a room.
    var takersKept: TimeAmount = .seconds(2)
    var takersDoubted: TimeAmount = .milliseconds(250)
    /// The time between two warnings of one kind.
    var warningInterval: TimeAmount = .minutes(1)
}

/// The times of connections to other machines.
struct ConnectionTimes: Sendable {
    /// The time after which a machine's next address is tried too.
    var headStart: TimeAmount = .milliseconds(75)
    /// The silence after which a connection is given up. Longer than a lookup: a late answer clears a suspect.
    var stalled: TimeAmount = .seconds(4)
    /// The rest after which a kept connection is closed: before the other side does so.
    var idle: TimeAmount = .seconds(60)
}

/// The lifetimes of DNS answers.
struct AnswerCacheTimes: Sendable {
    /// The time that an answer is used without asking again.
    var fresh: TimeAmount = .seconds(5)
    /// The same for a list without siblings, which is unusual but may be right, and for a failure.
    var doubtful: TimeAmount = .seconds(1)
    /// The age up to which the last good answer stands in for a failed or slow query. Long, since a machine that has
    /// left in the meantime costs a refused connection, and one that cannot be found costs a game.
    var stale: TimeAmount = .hours(1)
    /// The time that a query may take before the answer in hand stands in; after a failure it stands in at once.
    var patience: TimeAmount = .milliseconds(250)
    /// The age from which an answer is too old for a final no.
    var final: TimeAmount = .milliseconds(500)
    /// The time between two queries that only a final no needs.
    var betweenFinal: TimeAmount = .seconds(1)
    /// The time that a machine which the latest list does not name is still a sibling: an answer may be partial.
    var missing: TimeAmount = .seconds(10)
    /// The age up to which a list tells which machines exist although the DNS has failed since: those that came after it
    /// are not in it.
    var trusted: TimeAmount = .seconds(60)
    /// The time limit of a query. Longer than a lookup, so that the next lookup may still find the answer.
    var query: TimeAmount = .seconds(5)
}
