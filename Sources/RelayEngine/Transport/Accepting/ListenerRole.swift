/// The port of the engine at which a connection was accepted.
///
/// The admin port serves no WebSockets, and stays reachable whatever clients do.
package enum ListenerRole: Int, CaseIterable, Sendable {
    case clients
    /// The separate port for metrics and health, if one is configured.
    case admin
}
