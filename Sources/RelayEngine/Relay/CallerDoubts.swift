internal import Logging
internal import RelayCore
internal import Synchronization

/// The log lines about headers by which clients cannot be told apart: each once, since they are faults of the set-up
/// and show in nearly every request.
final class CallerDoubts: Sendable {
    private let header: String
    private let logger: Logger
    private let unreadable = Atomic(false)
    private let notSet = Atomic(false)
    private let missing = Atomic(false)

    /// - Parameter header: the header that `CLIENT_IP_HEADER` names, or an empty text.
    init(header: String, logger: Logger) {
        self.header = header
        self.logger = logger
    }

    func note(_ doubt: CallerDoubt) {
        let isNew =
            switch doubt {
            case .unreadable: CallerDoubts.set(unreadable)
            case .headerNotSet: CallerDoubts.set(notSet)
            case .headerMissing: CallerDoubts.set(missing)
            }
        // The value is not logged: it may be a client's address.
        if isNew { logger.warning("\(doubt.text)", metadata: header.isEmpty ? [:] : ["header": "\(header)"]) }
    }

    /// - Returns: true if it was not set before.
    private static func set(_ flag: borrowing Atomic<Bool>) -> Bool {
        // Usually it is set: then other threads' copies of it stay valid.
        !flag.load(ordering: .relaxed) && !flag.exchange(true, ordering: .relaxed)
    }
}

extension CallerDoubt {
    fileprivate var text: String {
        switch self {
        case .unreadable:
            "the header of CLIENT_IP_HEADER has no address that can be read: all such clients share the limits of one"
        case .headerNotSet:
            "a private peer forwards requests, but CLIENT_IP_HEADER is not set: its clients share one limit of misses"
        case .headerMissing:
            "a private peer forwards requests without the header of CLIENT_IP_HEADER: its clients share one limit of "
                + "misses"
        }
    }
}
