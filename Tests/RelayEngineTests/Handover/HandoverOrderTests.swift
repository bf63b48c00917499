import RelayCore
import RelayEngine
import RelayWire
import TestSupport
import Testing

@Suite("Orders of other machines", .blocking)
struct HandoverOrderTests {
    private static let owner = SipHash(key0: 1, key1: 2)

    static func record(_ number: UInt64 = 1, state: String? = nil) -> RoomRecord {
        record(code: RoomCode(home: Region(name: "fra"), random: number), state: state)
    }

    static func record(code: RoomCode, state: String? = nil) -> RoomRecord {
        RoomRecord(
            code: code, maxClients: 4, url: nil, holdSeconds: 0, origin: "https://game.example", hash: owner,
            owners: ["client-0", "client-1"].map { owner.digest(of: Array($0.utf8).span) }, held: [],
            snapshot: state.map { Array($0.utf8) })
    }

    static func withMachine(
        loops: Int = 1, configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (RunningRelay) async throws -> Void
    ) async throws {
        try await withRelay(loops: loops) {
            TwoMachines.configure(&$0, as: "m-2")
            configure(&$0)
        } _: {
            try await body($0)
        }
    }

    static func expectNothing(of record: RoomRecord, on relay: RunningRelay) throws {
        #expect(relay.engine.statistics().dormantRooms == 0)
        #expect(relay.engine.statistics().roomBytes == 0)
        #expect(try relay.answerToJoin(record.code.description, as: "client-0") == Refusal.notFound)
    }

    @Test("a signed room is taken, and there for its own", arguments: [1, 2, 4])
    func taken(loops: Int) async throws {
        try await Self.withMachine(loops: loops) { relay in
            for number: UInt64 in 1...8 {
                let record = Self.record(number, state: #"{"n": \#(number)}"#)
                let reply = try HandoverRequest(record).send(to: relay.port)
                #expect(reply.status == 201)
                #expect(reply["X-Handover"] == "taken")
                let (guest, answer) = try relay.join("\(record.code)", as: "client-1")
                #expect(answer == #"{"type":"joined","room":"\#(record.code)","index":1,"peers":[]}"#)
                try guest.expect(#"{"type":"state","data":{"n": \#(number)}}"#)
            }
            #expect(relay.engine.statistics().arrivals[.taken] == 8)
        }
    }

    /// What is wrong with an order.
    enum Fault: CaseIterable, Sendable {
        case secret, target, pin, past, future, digest, method

        func apply(_ request: inout HandoverRequest) {
            switch self {
            case .secret: request.secret = String(TwoMachines.secret.reversed())
            case .target: request.target = "m-3"
            case .pin: request.pin = "m-3"
            case .past: request.age = 62
            case .future: request.age = -62
            case .digest: request.signedBody = request.body + [0]
            case .method: request.method = .forget
            }
        }
    }

    @Test("an order that is not authentic is answered as if nothing were there", arguments: Fault.allCases, [1, 4])
    func unauthentic(fault: Fault, loops: Int) async throws {
        try await Self.withMachine(loops: loops) { relay in
            let record = Self.record()
            var request = HandoverRequest(record)
            fault.apply(&request)
            let client = try relay.dial()
            var head = try request.head
            if fault == .method { head = head.replacing("DELETE /", with: "PUT /") }
            client.write(Array(head.utf8) + request.body)
            let reply = try client.reply()
            #expect(reply.status == 404)
            #expect(reply.body == "not found\n")
            #expect(reply["X-Handover"] == nil)
            #expect(relay.engine.statistics().arrivals[.unauthentic] == 1)
            try Self.expectNothing(of: record, on: relay)
        }
    }

    @Test("an order without any or with a broken signature is answered so, too", arguments: ["PUT", "DELETE"])
    func unsigned(method: String) async throws {
        try await Self.withMachine { relay in
            let code = Self.record().code
            for (number, target) in ["/room/\(code)?instance=m-2", "/room/\(code)", "/\(code)", "/", "/health"]
                .enumerated()
            {
                let reply = try relay.get(target, method: method)
                #expect(reply.status == 404)
                #expect(relay.engine.statistics().arrivals[.unauthentic] == number + 1)
            }
            let signed = try HandoverRequest(Self.record()).head
            for (part, other) in [
                ("X-Handover-Nonce", "X-Nonce"), ("X-Handover-Time: ", "X-Handover-Time: 0"),
                ("X-Handover-Signature: ", "X-Handover-Signature: 0"), ("X-Handover-Digest: ", "X-Handover-Digest: g"),
            ] {
                let client = try relay.dial()
                client.write(signed.replacing(part, with: other))
                #expect(try client.reply().status == 404)
                try client.expectEnd()
            }
        }
    }

    @Test("a machine without the secret has no such method", arguments: ["PUT", "DELETE"])
    func noSecret(method: String) async throws {
        try await Self.withMachine {
            $0.clusterSecret = nil
        } _: { relay in
            var request = HandoverRequest(Self.record())
            request.method = method == "PUT" ? .take : .forget
            let reply = try request.send(to: relay.port)
            #expect(reply.status == 405)
            #expect(reply["Allow"] == "GET, HEAD, OPTIONS")
            #expect(relay.engine.statistics().arrivals.values.allSatisfy { $0 == 0 })
            #expect(try relay.get("/ready")["X-Takes-Rooms"] == nil)
        }
    }

    @Test("the admin port takes no rooms")
    func adminPort() async throws {
        try await Self.withMachine {
            $0.metricsPort = 0
        } _: { relay in
            let port = try #require(relay.engine.metricsPort)
            #expect(try HandoverRequest(Self.record()).send(to: port).status == 405)
        }
    }

    @Test("a copy of an order is refused, also after the room has ended", arguments: [1, 4])
    func replayed(loops: Int) async throws {
        try await Self.withMachine(loops: loops) { relay in
            let record = Self.record()
            let request = HandoverRequest(record)
            #expect(try request.send(to: relay.port).status == 201)
            #expect(try request.send(to: relay.port).status == 404)
            let (host, _) = try relay.join("\(record.code)", as: "client-0")
            host.send(#"{"type":"close_room"}"#)
            try host.expectClose(4001, "room closed")
            #expect(try request.send(to: relay.port).status == 404)
            #expect(relay.engine.statistics().arrivals.filter { $0.value > 0 } == [.taken: 1, .unauthentic: 2])
            try Self.expectNothing(of: record, on: relay)
        }
    }

    @Test("an order that comes after it was taken back is not followed, and a later one is", arguments: [1, 4])
    func late(loops: Int) async throws {
        try await Self.withMachine(loops: loops) { relay in
            let record = Self.record()
            #expect(try HandoverRequest(.forget, record.code).send(to: relay.port).status == 404)
            var late = HandoverRequest(record)
            late.age = 10
            let reply = try late.send(to: relay.port)
            #expect(reply.status == 503)
            #expect(reply["X-Handover"] == "recalled")
            try Self.expectNothing(of: record, on: relay)
            #expect(try HandoverRequest(record).send(to: relay.port).status == 201)
            #expect(relay.engine.statistics().arrivals.filter { $0.value > 0 } == [.taken: 1, .recalled: 1])
        }
    }

    @Test("a signed body that is no record of the room is refused", arguments: [1, 4])
    func unreadable(loops: Int) async throws {
        try await Self.withMachine(loops: loops) { relay in
            let record = Self.record()
            let encoded = record.encoded()
            let bodies = [
                [], Array("garbage".utf8), [RoomRecord.formatVersion + 1] + encoded.dropFirst(), encoded.dropLast(),
                encoded + [0], Self.record(2).encoded(), [UInt8](repeating: 0, count: 1 << 20),
            ]
            for (number, body) in bodies.enumerated() {
                let reply = try HandoverRequest(.take, record.code, body: Array(body)).send(to: relay.port)
                #expect(reply.status == 503)
                #expect(reply["X-Handover"] == "unreadable")
                #expect(reply.body.isEmpty)
                #expect(relay.engine.statistics().arrivals[.unreadable] == number + 1)
            }
            try Self.expectNothing(of: record, on: relay)
        }
    }

    @Test("a body is read up to its bound, of who may send one")
    func size() async throws {
        try await Self.withMachine { relay in
            let most = RoomRecord.maximumEncodedBytes
            for (length, status) in [(most, 503), (most + 1, 413)] {
                let body = [UInt8](repeating: 1, count: length)
                #expect(
                    try HandoverRequest(.take, Self.record().code, body: body).send(to: relay.port).status == status)
            }
            // Of a stranger not a byte.
            var stranger = HandoverRequest(.take, Self.record().code, body: [UInt8](repeating: 1, count: most))
            stranger.secret = String(TwoMachines.secret.reversed())
            let client = try relay.dial()
            client.write(try stranger.head)
            #expect(try client.reply().status == 404)
            try client.expectEnd()
        }
    }

    @Test("a body that comes in pieces is taken once it is whole, and one that does not come holds up nobody")
    func slow() async throws {
        try await Self.withMachine(loops: 2) { relay in
            let record = Self.record(state: #""\#(String(repeating: "x", count: 2_000))""#)
            let request = HandoverRequest(record)
            let client = try relay.dial()
            let bytes = Array(try request.head.utf8) + request.body
            let half = bytes.count - request.body.count / 2
            for byte in bytes[..<half] { client.write([byte]) }
            #expect(try relay.get("/health").status == 200)
            #expect(relay.engine.statistics().dormantRooms == 0)
            for byte in bytes[half...] { client.write([byte]) }
            #expect(try client.reply().status == 201)
            // The connection goes on.
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
            #expect(relay.engine.statistics().dormantRooms == 1)
        }
    }

    @Test("a body that does not come to its end is given up in time, and the room with it")
    func incomplete() async throws {
        try await Self.withMachine {
            $0.transport.handshakeTimeout = 1
        } _: { relay in
            let request = HandoverRequest(Self.record())
            let client = try relay.dial()
            client.write(Array(try request.head.utf8) + request.body.dropLast())
            try client.expectEnd()
            try Self.expectNothing(of: Self.record(), on: relay)
        }
    }
}
