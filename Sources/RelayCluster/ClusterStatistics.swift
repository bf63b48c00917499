package import RelayCore

/// What the search for rooms has come to since the start, for the metrics page.
package struct ClusterStatistics: Sendable, Equatable {
    /// How a lookup ended. Callers that wait for the same code share one lookup; a remembered miss costs none.
    package enum LookupResult: String, CaseIterable, Sendable {
        case found
        /// Every sibling has said that it does not have the room.
        case notFound = "not_found"
        /// The siblings could not be listed, or one of them gave no usable answer.
        case failed
        /// A sibling, or the DNS, did not answer in time.
        case timedOut = "timed_out"
        /// Too many lookups or probes were under way.
        case refused
        /// Nobody waited for it any more.
        case cancelled
    }

    /// How a request to one sibling ended.
    package enum ProbeResult: String, CaseIterable, Sendable {
        case found
        case notFound = "not_found"
        /// Refused, reset, or answered by something that is no relay.
        case failed
        case timedOut = "timed_out"
        /// The room was found elsewhere first, or nobody waited for it any more.
        case cancelled
    }

    /// How a query to the DNS ended.
    package enum QueryResult: String, CaseIterable, Sendable {
        case answered
        /// No answer, or none that says anything.
        case failed
    }

    package internal(set) var lookups = Tally<LookupResult>()
    package internal(set) var probes = Tally<ProbeResult>()
    package internal(set) var queries = Tally<QueryResult>()
    /// How long lookups took, however they ended. Those that were refused are none.
    package internal(set) var lookupTimes = Histogram(upperBounds: ClusterStatistics.lookupTimeBounds)
    /// The other machines of our region that the DNS listed last; none before the first list.
    package internal(set) var siblings = 0
    /// Those of them that let a probe time out, and have not answered since.
    package internal(set) var suspects = 0

    /// In nanoseconds. Dense where a region's machines answer, and up to the time of a lookup and what a busy loop adds.
    private static let lookupTimeBounds = [
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000,
        1_000_000_000, 2_000_000_000, 3_000_000_000, 4_000_000_000,
    ]
}

/// A count for each result that something can have.
package struct Tally<Result>: Sendable, Equatable
where Result: CaseIterable & RawRepresentable<String> & Hashable & Sendable {
    private var counts: [Result: Int] = [:]

    init() {}

    package internal(set) subscript(result: Result) -> Int {
        get { counts[result, default: 0] }
        set { counts[result] = newValue }
    }

    /// Every result by its label, also those that never happened.
    package var rows: [(label: String, count: Int)] {
        Result.allCases.map { ($0.rawValue, self[$0]) }
    }
}
