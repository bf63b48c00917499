/// The one of the engine's ports at which a connection came in.
///
/// What comes in at the admin port gets no WebSocket, and nothing that clients do keeps its users out.
package enum ListenerRole: Int, CaseIterable, Sendable {
    case clients
    /// The port of its own that metrics may have.
    case admin
}
