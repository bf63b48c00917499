internal import RelayCore
internal import RelayLimits
internal import RelayWire

/// A valid request, with all that its answer needs of its bytes.
///
/// It is parsed once, even if it waits for a lookup or another loop answers it.
struct Request: Sendable {
    let target: RequestTarget
    /// The answer to its handshake, if it asks for a WebSocket.
    let upgrade: OpeningHandshake.Acceptance?
    /// The `Origin` of an upgrade.
    let origin: String?
    /// The client's own address, also behind a proxy.
    let address: ClientAddress
}
