internal import NIOHTTP1
internal import RelayCore

/// What a sibling says to whether it takes rooms: the seconds that it has been up.
///
/// Only a relay that has the cluster's secret, and neither drains nor is full, has the header.
struct TakesRooms {
    static let header = "X-Takes-Rooms"

    let uptime: Int

    /// Nil for a no, whatever it looks like.
    init?(_ head: HTTPResponseHead, from machine: InstanceID) {
        guard head.status == .ok, head.isOf(machine), let text = head.headers.first(name: TakesRooms.header),
            let uptime = Int(text), uptime >= 0
        else { return nil }
        self.uptime = uptime
    }
}

extension HandoverCourse.Answer {
    /// The header that tells a relay's answer from any other server's.
    private static let header = "X-Handover"

    init(_ reply: HandoverExchange.Reply, from machine: InstanceID) {
        switch reply {
        case .head(let head):
            switch (head.status, head.headers.first(name: Self.header)) {
            case _ where !head.isOf(machine): self = .refused
            case (.created, "taken"): self = .taken
            case (.serviceUnavailable, "in_use"): self = .inUse
            default: self = .refused
            }
        case .unreachable: self = .unreachable
        case .broken: self = .broken
        case .silent: self = .silent
        }
    }
}

extension HandoverExchange.Reply {
    /// True for the answer of a machine that names itself otherwise: the address is no longer that of the one asked.
    func isOfOther(than machine: InstanceID) -> Bool {
        if case .head(let head) = self { !head.isOf(machine) } else { false }
    }
}
