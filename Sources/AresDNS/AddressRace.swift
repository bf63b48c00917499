/// The state of a question for the addresses of a name, of which both families are asked at once (RFC 8305, section 3).
///
/// Servers exist that fail, deny or never answer the question for one family alone (RFC 4074), so neither answer says
/// anything about the other: the name has failed only when both have. The first addresses wait a moment for those of the
/// other family, and no longer.
struct AddressRace {
    enum Family: CaseIterable {
        case ipv6
        case ipv4

        var recordType: RecordType {
            switch self {
            case .ipv6: .aaaa
            case .ipv4: .a
            }
        }
    }

    typealias Answer = Result<[[UInt8]], AresError>

    /// The next step of the question.
    enum Action {
        /// Wait for the other family.
        case wait
        /// Wait for the other family for the resolution delay, then call `delayEnded`.
        case waitBriefly
        case end(Answer)
    }

    private var answers: [Family: Answer] = [:]

    mutating func answered(_ family: Family, _ answer: Answer) -> Action {
        answers[family] = answer
        if answers.count == Family.allCases.count { return .end(outcome) }
        switch answer {
        case .success: return .waitBriefly
        case .failure: return .wait
        }
    }

    /// The other family has had its time.
    func delayEnded() -> Action { .end(outcome) }

    /// All addresses, those of IPv6 first; without any, the error that leaves most open.
    private var outcome: Answer {
        var found: [[UInt8]] = []
        var failures: [AresError] = []
        for family in Family.allCases {
            switch answers[family] {
            case .success(let addresses): found += addresses
            case .failure(let error): failures.append(error)
            case nil: break
            }
        }
        guard found.isEmpty, let first = failures.first else { return .success(found) }
        return .failure(failures.dropFirst().reduce(first) { $1.openness > $0.openness ? $1 : $0 })
    }
}

extension AresError {
    /// How much an error leaves open: with no such name there are no records of any family, with no data there may be
    /// others, and every other error says nothing about the name.
    fileprivate var openness: Int {
        switch code {
        case .noSuchName: 0
        case .noData: 1
        default: 2
        }
    }
}
