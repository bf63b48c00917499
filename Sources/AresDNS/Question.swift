/// A DNS question; equal questions share one query.
struct Question: Hashable, Sendable {
    let name: DNSName
    let type: RecordType
}

/// The record types that the resolver can read, by their numbers on the wire (RFC 1035, RFC 3596).
enum RecordType: Int32, Sendable {
    case a = 1
    case txt = 16
    case aaaa = 28
}

/// One caller's wait for an answer, known by its identity.
final class Ticket: Sendable {}
