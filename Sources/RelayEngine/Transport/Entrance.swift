/// By which of the engine's ports a connection came in.
///
/// What comes in at the operators' port gets no WebSocket, and nothing that clients do there can keep operators out.
package enum Entrance: Sendable {
    case clients
    /// The port of its own that metrics may have.
    case operators
}
