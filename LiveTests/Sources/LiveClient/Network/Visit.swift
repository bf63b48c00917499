internal import NIOConcurrencyHelpers
internal import PartySocketsClient

/// The connections that one test opens.
///
/// They stay open until the test ends, also those that it no longer uses: a room ends when nobody is connected.
package final class Visit: Sendable {
    package let site: Site
    private let sockets = NIOLockedValueBox<[LiveSocket]>([])
    private let rooms = NIOLockedValueBox<[Room]>([])

    private init(_ site: Site) {
        self.site = site
    }

    /// Runs the body, and then ends all of its connections.
    package static func run<Result: Sendable>(
        to site: Site, _ body: (Visit) async throws -> Result
    ) async throws -> Result {
        let visit = Visit(site)
        do {
            let result = try await body(visit)
            await visit.end()
            return result
        } catch {
            await visit.end()
            throw error
        }
    }

    private func end() async {
        for socket in sockets.withLockedValue({ $0 }) { socket.leave() }
        await withTaskGroup(of: Void.self) { group in
            for room in rooms.withLockedValue({ $0 }) { group.addTask { await room.leave() } }
        }
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

    /// Leaves this room, too, when the visit is over.
    func keep(_ room: Room) {
        rooms.withLockedValue { $0.append(room) }
    }

    package func get(_ target: String, headers: [(String, String)] = []) async throws -> Reply {
        try await site.get(target, headers: headers)
    }
}
