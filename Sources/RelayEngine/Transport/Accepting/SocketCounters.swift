internal import Synchronization

/// The numbers of sockets that the loops hold, by the port at which they were accepted.
///
/// Shared by the loops; touched when connections come, go and move, never for a message.
final class SocketCounters: Sendable {
    private let clients = Atomic<Int>(0)
    private let admin = Atomic<Int>(0)

    func current(_ role: ListenerRole) -> Int {
        switch role {
        case .clients: clients.load(ordering: .relaxed)
        case .admin: admin.load(ordering: .relaxed)
        }
    }

    func add(_ amount: Int, at role: ListenerRole) {
        switch role {
        case .clients: clients.add(amount, ordering: .relaxed)
        case .admin: admin.add(amount, ordering: .relaxed)
        }
    }
}
