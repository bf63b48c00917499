/// A message or frame that a client has received on its WebSocket.
package enum Heard: Hashable, Sendable, CustomStringConvertible {
    case text(String)
    /// A close frame; no code for an empty one.
    case close(code: Int?, reason: String)
    /// The end of the connection, with the reason if it was a failure.
    case end(String?)

    package var description: String {
        switch self {
        case .text(let text): text
        case .close(let code, let reason): "close \(code.map(String.init) ?? "without a code") “\(reason)”"
        case .end(let error): "the end of the connection" + (error.map { " (\($0))" } ?? "")
        }
    }
}
