/// What a request asks for. The relay serves three methods and answers every other one with 405.
package enum HTTPMethod: Hashable, Sendable {
    case get, head, options
    /// Any other token. Which one makes no difference to the relay; methods are case-sensitive, so `get` is one.
    case other
}
