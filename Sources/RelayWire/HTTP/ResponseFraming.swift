/// The form of a response as its request determines it (RFC 9112, sections 6.3 and 9.3), without the request's bytes.
package struct ResponseFraming: Sendable {
    /// True if the body is left out.
    let isHead: Bool
    /// True if the connection stays open after the response.
    package let isKeepAlive: Bool
    let minorVersion: Int

    package init(for head: RequestHead) {
        isHead = head.method == .head
        isKeepAlive = head.isKeepAlive
        minorVersion = head.minorVersion
    }
}
