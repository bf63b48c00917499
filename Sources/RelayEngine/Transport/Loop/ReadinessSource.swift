/// The source of an event of the poller, encoded in the number that the kernel gives back.
enum ReadinessSource: Hashable {
    case listener(ListenerRole)
    case mailbox
    case connection(ConnectionKey)

    // The highest numbers: as a connection's key, each would name a descriptor beyond the kernel's limit.
    private static let mailboxToken = UInt64.max
    private static let firstListenerToken = UInt64.max - UInt64(ListenerRole.allCases.count)

    init(token: UInt64) {
        switch token {
        case ReadinessSource.mailboxToken: self = .mailbox
        case ReadinessSource.firstListenerToken...:
            let number = Int(token - ReadinessSource.firstListenerToken)
            guard let role = ListenerRole(rawValue: number) else { preconditionFailure("a token of ours") }
            self = .listener(role)
        default: self = .connection(ConnectionKey(rawValue: token))
        }
    }

    var token: UInt64 {
        switch self {
        case .listener(let role): ReadinessSource.firstListenerToken + UInt64(role.rawValue)
        case .mailbox: ReadinessSource.mailboxToken
        case .connection(let key): key.rawValue
        }
    }
}
