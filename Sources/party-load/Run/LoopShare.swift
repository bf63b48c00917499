/// What one of the loops has to do.
struct LoopShare: Sendable {
    let rooms: Int
    /// Handshakes that may be under way.
    let inFlight: Int
    /// What its members' identities begin with. They are secrets of this run.
    let name: String
    /// How many loops there are, and the place among them: the clocks of their senders do not tick together.
    let place: Int
    let loops: Int
    let server: SocketAddress
    let sources: [SocketAddress]
}
