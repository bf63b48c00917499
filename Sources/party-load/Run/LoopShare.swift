/// One loop's share of the load.
struct LoopShare: Sendable {
    let rooms: Int
    /// Handshakes that may be in progress at once.
    let inFlight: Int
    /// The prefix of its members' client IDs, random because a client ID is what claims a slot.
    let name: String
    /// The position of this loop among all loops, by which it shifts its send times.
    let place: Int
    let loops: Int
    let server: SocketAddress
    let sources: [SocketAddress]
}
