internal import NIOCore

/// The DNS queries of the search for siblings.
///
/// A protocol, so that tests can script the answers.
protocol NameLookup: Sendable {
    /// One element per TXT record, its character strings joined.
    func txt(_ name: String, deadline: NIODeadline) async throws -> [[UInt8]]
    func addresses(of name: String, port: Int, deadline: NIODeadline) async throws -> [SocketAddress]
}
