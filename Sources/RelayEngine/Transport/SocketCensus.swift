internal import Synchronization

/// How many sockets the loops hold, by the port they came in at.
///
/// Shared by the loops; touched when connections come, go and move, never for a message.
final class SocketCensus: Sendable {
    private let clients = Atomic<Int>(0)
    private let operators = Atomic<Int>(0)

    func current(_ entrance: Entrance) -> Int {
        switch entrance {
        case .clients: clients.load(ordering: .relaxed)
        case .operators: operators.load(ordering: .relaxed)
        }
    }

    func add(_ amount: Int, at entrance: Entrance) {
        switch entrance {
        case .clients: clients.add(amount, ordering: .relaxed)
        case .operators: operators.add(amount, ordering: .relaxed)
        }
    }
}
