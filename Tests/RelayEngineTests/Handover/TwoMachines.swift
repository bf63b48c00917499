import Glibc
import NIOConcurrencyHelpers
import RelayCore
import RelayEngine
import RelayWire
import Testing

/// Two machines of Frankfurt with one secret: `m-1`, which drains, and `m-2`, which takes its rooms.
struct TwoMachines {
    let old: RunningRelay
    let new: RunningRelay

    static let secret = "0123456789abcdef0123456789abcdef"

    static func run(
        loops: Int = 1, configureOld: (inout EngineConfiguration) -> Void = { _ in },
        configureNew: (inout EngineConfiguration) -> Void = { _ in }, _ body: (TwoMachines) async throws -> Void
    ) async throws {
        try await withRelay(loops: loops) {
            configure(&$0, as: "m-1")
            configureOld(&$0)
        } _: { old in
            try await withRelay(loops: loops) {
                configure(&$0, as: "m-2")
                configureNew(&$0)
            } _: { new in
                try await body(TwoMachines(old: old, new: new))
            }
        }
    }

    static func configure(_ configuration: inout EngineConfiguration, as instance: String) {
        configuration.identity = RoutingIdentity(
            isRoutingOn: true, instance: InstanceID(instance), region: Region(name: "fra"))
        configuration.clusterSecret = ClusterSecret(secret)
    }

    /// Hands all rooms of the old machine over to the new one.
    ///
    /// - Parameter during: what happens while a room travels, when the other machine has it.
    func handOver(during: @escaping @Sendable (Int) throws -> Void = { _ in }) async -> Journeys {
        let journeys = Journeys()
        await old.engine.handOver(to: taker(journeys, during: during), over: 0)
        return journeys
    }

    func taker(_ journeys: Journeys, during: @escaping @Sendable (Int) throws -> Void = { _ in }) -> RoomTaker {
        let port = new.port
        return RoomTaker { code, record in
            do {
                let reply = try HandoverRequest(.take, code, body: record).send(to: port)
                journeys.note(given: code, reply)
                try during(journeys.given.count)
                return reply.status == 201 ? InstanceID("m-2") : nil
            } catch {
                Issue.record(error)
                return nil
            }
        } takeBack: { code, instance in
            #expect(instance.text == "m-2")
            do {
                journeys.note(takenBack: code, try HandoverRequest(.forget, code).send(to: port))
            } catch {
                Issue.record(error)
            }
        }
    }
}

/// Clients that act while a room travels.
///
/// They may cross to the taker's thread because the test waits for the handover, and uses them only before and after it.
struct Lent: @unchecked Sendable {
    let clients: [TestClient]

    init(_ clients: [TestClient]) {
        self.clients = clients
    }
}

/// What a taker was asked for, and what the other machine answered.
final class Journeys: Sendable {
    // Not a `Mutex`, which ThreadSanitizer does not see.
    private let orders = NIOLockedValueBox<(given: [(RoomCode, HTTPReply)], takenBack: [(RoomCode, HTTPReply)])>(
        ([], []))

    var given: [String] { orders.withLockedValue { $0.given.map { $0.0.description } } }
    var takenBack: [String] { orders.withLockedValue { $0.takenBack.map { $0.0.description } } }
    /// The statuses of the answers to rooms that were given.
    var statuses: [Int] { orders.withLockedValue { $0.given.map { $0.1.status } } }
    var results: [String?] { orders.withLockedValue { $0.given.map { $0.1["X-Handover"] } } }

    func note(given code: RoomCode, _ reply: HTTPReply) {
        orders.withLockedValue { $0.given.append((code, reply)) }
    }

    func note(takenBack code: RoomCode, _ reply: HTTPReply) {
        orders.withLockedValue { $0.takenBack.append((code, reply)) }
    }
}

/// The order of one machine to another, right or wrong as the test needs it.
struct HandoverRequest {
    var method: HandoverOrder.Method
    var code: RoomCode
    var body: [UInt8]
    /// The machine that the order is signed for, and the one in its target.
    var target = "m-2"
    var pin = "m-2"
    var secret = TwoMachines.secret
    /// Seconds since it was signed.
    var age = 0
    var nonce: HandoverOrder.Nonce
    /// The body that is signed, if it is another.
    var signedBody: [UInt8]?

    init(_ method: HandoverOrder.Method, _ code: RoomCode, body: [UInt8] = []) {
        var random = SystemRandomNumberGenerator()
        self.method = method
        self.code = code
        self.body = body
        nonce = HandoverOrder.Nonce(using: &random)
    }

    init(_ record: RoomRecord) {
        self.init(.take, record.code, body: record.encoded())
    }

    var head: String {
        get throws {
            let signed = signedBody ?? body
            let instance = try #require(InstanceID(target))
            let order = HandoverOrder(
                method, code: code, target: instance, time: time(nil) - age, nonce: nonce, body: signed.span)
            let signature = HandoverSignature(order, with: try #require(ClusterSecret(secret)))
            let headers = signature.headers.map { "\($0.name): \($0.value)" }
            return TestClient.request(
                "/room/\(code)?instance=\(pin)", method: method.rawValue,
                headers: headers + ["Content-Length: \(body.count)"])
        }
    }

    func send(to port: Int) throws -> HTTPReply {
        let client = try TestClient(port: port)
        client.write(Array(try head.utf8) + body)
        return try client.reply()
    }
}

/// What a member of a room hears of its journey.
enum Answer {
    static func joined(_ code: String, _ slot: Int, peers: [Int], more: String = "") -> String {
        let peers = peers.map(String.init).joined(separator: ",")
        return #"{"type":"joined","room":"\#(code)","index":\#(slot),"peers":[\#(peers)]\#(more)}"#
    }

    /// Reads what is left to be read, up to the close.
    static func expectMoved(
        _ client: TestClient, asksForMore: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        if asksForMore { try client.expect(#"{"type":"moved"}"#, sourceLocation: sourceLocation) }
        try client.expectClose(1_012, "moved", sourceLocation: sourceLocation)
    }
}

extension RoomTaker {
    /// A taker that is always there, and to which it does not matter who had the room before.
    init(
        give: @escaping @Sendable (RoomCode, [UInt8]) async -> InstanceID?,
        takeBack: @escaping @Sendable (RoomCode, InstanceID) async -> Void
    ) {
        self.init(isThere: { true }, give: { code, record, _ in await give(code, record) }, takeBack: takeBack)
    }
}
