import Logging
import RelayServer
import TestSupport

@testable import RelayEngine

/// The one loop of a relay, whose turns the test itself takes, so that it may look at the rooms in between.
struct SteppedRelay {
    let handler: RelayLoop
    let loop: SocketLoop<RelayLoop>
    let port: Int

    init(
        _ configure: (inout EngineConfiguration) -> Void = { _ in }, rendezvous: RegionRendezvous? = nil
    ) throws {
        var configuration = ServerConfiguration()
        configuration.engine.transport.messagesPerSecond = 0
        configure(&configuration.engine)
        let shared = RelayShared(
            configuration: configuration.engine, service: RelayHTTPService(configuration), locate: nil, isListed: nil,
            rendezvous: rendezvous, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let counters = shared.counters[0]
        let listener = try Listener(host: "127.0.0.1", port: 0)
        handler = RelayLoop(shared: shared, counters: counters.relay)
        port = listener.port
        loop = try SocketLoop(
            index: 0, group: LoopGroup<RelayLoop>(loops: 1), listener: listener,
            settings: configuration.engine.transport, counters: counters.transport,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, handler: handler,
            ring: try IOUringMode.wanted.ring())
    }

    /// Takes turns until what clients have sent, and what follows from it, is done.
    func settle() {
        for _ in 0..<4 {
            // Wakes the loop up, and does no more as long as little is held.
            loop.group.mailboxes[0].post(.shedLoad)
            loop.turn()
        }
    }

    /// A WebSocket, whose answers nobody reads.
    func connect() throws -> TestClient {
        let client = try TestClient(port: port)
        client.sendRequest("/", headers: TestClient.upgradeFields)
        settle()
        return client
    }

    /// Closes all connections that are left.
    func end() {
        for connection in loop.table.all { loop.closeLater(connection, .abort) }
        settle()
    }
}
