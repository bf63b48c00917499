internal import RelayCore
internal import RelayLimits
internal import RelayWire

/// A valid request, with what its answer needs of its bytes and nothing else, since it may have to wait.
///
/// It is parsed once, even if it waits for a lookup or another loop answers it.
struct Request: Sendable {
    let endpoint: Endpoint
    /// The answer to its handshake, if it asks for a WebSocket.
    let upgrade: OpeningHandshake.Acceptance?
    /// The `Origin` of an upgrade, truncated.
    let originLabel: String
    /// The client's own address, also behind a proxy.
    let address: ClientAddress
}
