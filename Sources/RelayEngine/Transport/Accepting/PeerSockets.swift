internal import NIOConcurrencyHelpers
package import RelayLimits

/// The numbers of clients' sockets by the address of the peer, held to one bound.
///
/// Shared by the loops; touched when a socket is accepted and when it is closed.
package final class PeerSockets: Sendable {
    private let isOn: Bool
    private let isExempt: @Sendable (ClientAddress) -> Bool
    private let counts: NIOLockedValueBox<AddressCounts>

    /// - Parameters:
    ///   - most: the most sockets of one address; 0 for any number.
    ///   - isExempt: true for a peer that may have any number.
    package init(most: Int, isExempt: @escaping @Sendable (ClientAddress) -> Bool = { _ in false }) {
        isOn = most > 0
        self.isExempt = isExempt
        counts = NIOLockedValueBox(AddressCounts(most: most))
    }

    /// Counts an accepted socket; false if its peer has too many, and it must be closed.
    func admit(_ peer: ClientAddress, at role: ListenerRole) -> Bool {
        guard isOn, role == .clients, !isExempt(peer) else { return true }
        return counts.withLockedValue { $0.add(peer) }
    }

    /// Counts the end of a socket that was admitted.
    func closed(_ peer: ClientAddress, at role: ListenerRole) {
        guard isOn, role == .clients, !isExempt(peer) else { return }
        counts.withLockedValue { $0.remove(peer) }
    }
}
