internal import NIOConcurrencyHelpers

/// The connections that one test opens.
///
/// They stay open until the test ends, also those that it no longer uses: a room ends when nobody is connected.
package final class Visit: Sendable {
    package let site: Site
    private let sockets = NIOLockedValueBox<[LiveSocket]>([])

    private init(_ site: Site) {
        self.site = site
    }

    /// Runs the body, and then ends all of its connections.
    package static func run<Result: Sendable>(
        to site: Site, _ body: (Visit) async throws -> Result
    ) async throws -> Result {
        let visit = Visit(site)
        defer { for socket in visit.sockets.withLockedValue({ $0 }) { socket.leave() } }
        return try await body(visit)
    }

    /// Opens a WebSocket.
    package func connect(_ target: String = "/", as name: String) async throws -> LiveSocket {
        switch try await site.upgrade(target, as: name) {
        case .opened(let socket):
            keep(socket)
            return socket
        case .refused(let reply):
            throw Unexpected(at: "\(name)'s upgrade", expected: "status 101", got: "\(reply)")
        }
    }

    /// Ends this connection, too, when the visit is over.
    package func keep(_ socket: LiveSocket) {
        sockets.withLockedValue { $0.append(socket) }
    }

    package func get(_ target: String, headers: [(String, String)] = []) async throws -> Reply {
        try await site.get(target, headers: headers)
    }
}
