package import RelayCore

/// The counts of the search for rooms since the start, for the metrics page.
package struct ClusterStatistics: Sendable, Equatable {
    /// The result of a lookup. Callers that wait for the same code share one lookup; a remembered miss needs none.
    package enum LookupResult: String, CaseIterable, Sendable {
        case found
        /// Every sibling has answered that it does not have the room.
        case notFound = "not_found"
        /// The siblings could not be listed, or one of them gave no usable answer.
        case failed
        /// A sibling, or the DNS, did not answer in time.
        case timedOut = "timed_out"
        /// Too many lookups were under way.
        case refused
        /// Nobody waited for it any more.
        case cancelled
    }

    /// The result of a request to one sibling.
    package enum ProbeResult: String, CaseIterable, Sendable {
        case found
        case notFound = "not_found"
        /// Refused, reset, or answered by something other than a relay.
        case failed
        case timedOut = "timed_out"
        /// The room was found elsewhere first, or nobody waited for it any more.
        case cancelled
    }

    /// The result of a DNS query.
    package enum QueryResult: String, CaseIterable, Sendable {
        case answered
        /// No answer, or an empty one.
        case failed
    }

    /// The result of giving a room to a sibling.
    package enum HandoverResult: String, CaseIterable, Sendable {
        case taken
        /// Every sibling that was asked has said no.
        case refused
        /// No sibling takes rooms.
        case noSibling = "no_sibling"
        case failed
        case timedOut = "timed_out"
        /// Nobody waited for it any more.
        case cancelled
    }

    package internal(set) var handovers = Tally<HandoverResult>()
    package internal(set) var lookups = Tally<LookupResult>()
    package internal(set) var probes = Tally<ProbeResult>()
    package internal(set) var queries = Tally<QueryResult>()
    /// The durations of lookups, whatever their result, except refused ones.
    package internal(set) var lookupTimes = Histogram(upperBounds: ClusterStatistics.lookupTimeBounds)
    /// The other machines of our region in the last DNS list; 0 before the first list.
    package internal(set) var siblings = 0
    /// Siblings that were silent for much longer than usual and have not answered since.
    package internal(set) var suspects = 0
    /// Lookups whose first question found the room, and which asked no other.
    package internal(set) var firstRight = 0
    /// The connections to siblings that are kept open.
    package internal(set) var keptConnections = 0

    /// Bounds in nanoseconds: dense where a region's machines answer, and up to the time limit of a lookup plus a busy
    /// loop's delay.
    private static let lookupTimeBounds = [
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000,
        1_000_000_000, 2_000_000_000, 3_000_000_000, 4_000_000_000,
    ]
}

/// A count for each possible result.
package struct Tally<Result>: Sendable, Equatable
where Result: CaseIterable & RawRepresentable<String> & Hashable & Sendable {
    private var counts: [Result: Int] = [:]

    init() {}

    package internal(set) subscript(result: Result) -> Int {
        get { counts[result, default: 0] }
        set { counts[result] = newValue }
    }

    /// All results by label, including those that never happened.
    package var rows: [(label: String, count: Int)] {
        Result.allCases.map { ($0.rawValue, self[$0]) }
    }
}
