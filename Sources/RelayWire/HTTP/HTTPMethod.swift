/// The method of a request. What a handler does not serve it answers with 405.
package enum HTTPMethod: Hashable, Sendable {
    case get, head, options, put, delete
    /// Any other token. The relay does not distinguish them; methods are case-sensitive, so `get` is one of them.
    case other
}
