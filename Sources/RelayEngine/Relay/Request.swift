internal import RelayCore
internal import RelayLimits
internal import RelayWire

/// A valid request, with all that its answer needs of the bytes that it came in.
///
/// So it is read once, whatever it waits for and whichever loop answers it.
struct Request: Sendable {
    let target: RequestTarget
    /// The answer to its handshake, if it asks for a WebSocket.
    let upgrade: OpeningHandshake.Acceptance?
    /// The `Origin` of an upgrade.
    let origin: String?
    /// The client's own address, also behind a proxy.
    let address: ClientAddress
}
