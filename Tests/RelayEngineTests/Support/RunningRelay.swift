import Logging
import RelayCore
import RelayEngine
import RelayServer
import TestSupport
import Testing

/// A relay that runs inside the test, on a port of its own.
struct RunningRelay: Sendable {
    let engine: RelayEngine

    var port: Int { engine.port }

    /// The number of times that a limit was exceeded, as metrics show it.
    func timesExceeded(_ limit: Limit) -> Int {
        engine.statistics().limitsExceeded[limit] ?? 0
    }

    /// Opens a WebSocket.
    func connect(
        _ target: String = "/", origin: String? = nil, headers: [String] = [], receiveBuffer: Int32? = nil
    ) throws -> TestClient {
        let client = try TestClient(port: port, receiveBuffer: receiveBuffer)
        try client.open(target, origin: origin, headers: headers)
        return client
    }

    /// A connection on which nothing has been sent yet.
    func dial(receiveBuffer: Int32? = nil) throws -> TestClient {
        try TestClient(port: port, receiveBuffer: receiveBuffer)
    }

    /// Sends one request on a connection of its own and returns the answer.
    func get(_ target: String, method: String = "GET", headers: [String] = []) throws -> HTTPReply {
        let client = try TestClient(port: port)
        client.sendRequest(target, method: method, headers: headers)
        return try client.reply(isHead: method == "HEAD")
    }

    /// A room with this many connected members, the host first, each of whom has read everything sent to it.
    func room(
        members count: Int, maxClients: Int = 100, origin: String? = nil, state: String? = nil
    ) throws -> TestRoom {
        let host = try connect(origin: origin)
        let code = try host.create(clientID: "client-0", maxClients: maxClients)
        var room = TestRoom(code: code, members: [host])
        if let state { host.send(#"{"type":"set_state","data":\#(state)}"#) }
        for _ in 1..<max(count, 1) { try room.add(try connect(), state: state) }
        return room
    }
}

/// A room's code and its members by slot.
struct TestRoom {
    let code: String
    var members: [TestClient]

    var host: TestClient { members[0] }

    /// Joins one more client, and reads the messages that all members get for it.
    mutating func add(_ client: TestClient, state: String? = nil) throws {
        let slot = members.count
        try client.join(code, clientID: "client-\(slot)")
        let peers = (0..<slot).map(String.init).joined(separator: ",")
        try client.expect(#"{"type":"joined","room":"\#(code)","index":\#(slot),"peers":[\#(peers)]}"#)
        if let state { try client.expect(#"{"type":"state","data":\#(state)}"#) }
        for member in members { try member.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
        members.append(client)
    }
}

/// Runs a relay for as long as the body takes, and always stops it.
///
/// The clients block, one thread of the test runner each: that bounds how many relays run at the same time to the
/// number of processors, so that a small machine is not asked to run all tests at once.
func withRelay<Result>(
    loops: Int = 1, ioUring: IOUringMode = .wanted, dashboardURL: String? = nil,
    siblings: ScriptedSiblings? = nil, kept: [RoomRecord] = [], log: RecordedLog? = nil,
    configure: (inout EngineConfiguration) -> Void = { _ in },
    _ body: (RunningRelay) async throws -> Result
) async throws -> Result {
    var configuration = ServerConfiguration()
    configuration.engine.host = "127.0.0.1"
    configuration.engine.port = 0
    configuration.engine.loops = loops
    configuration.engine.ioUring = ioUring
    // With io_uring, even small rooms send and receive in batches.
    configuration.engine.transport.fewestCallsPerBatch = 1
    // A client here answers pings only while its test reads from it, so silence means nothing.
    configuration.engine.transport.idleTimeout = 0
    // Times that are to pass are set by the tests that are about them; on a busy machine others may take longer.
    configuration.engine.transport.handshakeTimeout = 600
    configuration.engine.emptyGrace = 600
    configuration.engine.hostGrace = 600
    configure(&configuration.engine)
    configuration.dashboardURL = dashboardURL
    let engine = try RelayEngine(
        configuration: configuration.engine, service: RelayHTTPService(configuration), locate: siblings?.question,
        logger: log?.logger ?? Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    try engine.start(with: kept)
    do {
        let result = try await body(RunningRelay(engine: engine))
        await engine.stop()
        return result
    } catch {
        await engine.stop()
        throw error
    }
}

/// The same for one of the variants.
func withRelay<Result>(
    _ variant: EngineVariant, configure: (inout EngineConfiguration) -> Void = { _ in },
    _ body: (RunningRelay) async throws -> Result
) async throws -> Result {
    try await withRelay(loops: variant.loops, ioUring: variant.ioUring, configure: configure, body)
}
