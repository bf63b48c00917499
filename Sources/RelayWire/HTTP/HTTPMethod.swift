/// The method of a request. The relay serves three methods and answers every other one with 405.
package enum HTTPMethod: Hashable, Sendable {
    case get, head, options
    /// Any other token. The relay does not distinguish them; methods are case-sensitive, so `get` is one of them.
    case other
}
