import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Limits of admission", .blocking)
struct AdmissionTests {
    @Test(
        "above the limit of connections an upgrade gets 503 with Retry-After, and plain requests are served",
        arguments: [1, 2])
    func connections(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.maxConnections = 2
        } _: { relay in
            let first = try relay.connect()
            let code = try first.create()
            let second = try relay.connect()
            let third = try relay.dial()
            for target in ["/", "/\(code)"] {
                third.sendRequest(target, headers: TestClient.upgradeFields)
                let reply = try third.reply()
                #expect(reply.status == 503)
                #expect(reply["Retry-After"].flatMap { Int($0) } ?? 0 > 0)
                #expect(reply.allowsEveryOrigin)
            }
            #expect(relay.timesExceeded(.connections) == 2)
            third.sendRequest("/health")
            #expect(try third.reply().status == 200)

            second.send(.close, [])
            try second.expectClose(nil)
            try third.open("/\(code)")
            try third.join(code, clientID: "client-1")
            try third.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
        }
    }

    @Test("above the limit of rooms a create is refused, until a room has ended", arguments: [1, 4])
    func rooms(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.maxRooms = 2
        } _: { relay in
            let rooms = [try relay.room(members: 1), try relay.room(members: 1)]
            let late = try relay.connect()
            late.send(#"{"type":"create","clientId":"h","maxClients":2}"#)
            try late.expect(#"{"type":"error","message":"Server is full"}"#)
            #expect(relay.timesExceeded(.rooms) == 1)
            rooms[0].host.send(#"{"type":"close_room"}"#)
            try rooms[0].host.expectClose(4001, "room closed")
            try late.create()
            try rooms[1].host.expectNothing()
        }
    }

    @Test("a create that asks for more clients than the limit gets a room of the limit's size")
    func clientsPerRoom() async throws {
        try await withRelay {
            $0.messageLimits.maxClientsPerRoom = 2
        } _: { relay in
            let room = try relay.room(members: 2, maxClients: 3)
            #expect(relay.timesExceeded(.clientsPerRoom) == 1)
            #expect(
                try relay.get("/room/\(room.code)").body == #"{"clients":2,"maxClients":2,"origin":"unknown"}"#)
            let late = try relay.connect()
            try late.join(room.code, clientID: "client-2")
            try late.expect(#"{"type":"error","message":"Room is full"}"#)
            _ = try relay.room(members: 1, maxClients: 2)
            #expect(relay.timesExceeded(.clientsPerRoom) == 1)
        }
    }

    @Test("an origin that is not allowed gets 403 at the upgrade; a request without one is no browser's and gets in")
    func origins() async throws {
        let allowed = try AllowedOrigins("https://a.test,https://*.b.test")
        try await withRelay {
            $0.allowedOrigins = allowed
        } _: { relay in
            for origin in ["https://c.test", "https://a.test.evil", "null", "https://b.test", "\u{E9}"] {
                let reply = try relay.get("/", headers: TestClient.upgradeFields + ["Origin: \(origin)"])
                #expect(reply.status == 403, "\(origin)")
                #expect(reply.allowsEveryOrigin)
            }
            #expect(relay.timesExceeded(.allowedOrigins) == 5)
            for origin in ["https://a.test", "HTTPS://A.TEST:443", "https://c.b.test", nil, ""] {
                _ = try relay.connect(origin: origin)
            }
            #expect(try relay.get("/health", headers: ["Origin: https://c.test"]).status == 200)
        }
    }

    @Test("an empty origin is none: it counts as unknown", arguments: ["", " ", "\t"])
    func emptyOrigin(origin: String) async throws {
        try await withRelay { relay in
            let host = try relay.dial()
            host.sendRequest("/", headers: TestClient.upgradeFields + ["Origin:\(origin)"])
            #expect(try host.reply().status == 101)
            let code = try host.create()
            #expect(try relay.get("/room/\(code)").body.hasSuffix(#","origin":"unknown"}"#))
            #expect(relay.engine.statistics().origins.totals.map(\.origin) == ["unknown"])
        }
    }

    @Test("zero switches the limits off")
    func off() async throws {
        try await withRelay {
            $0.maxConnections = 0
            $0.maxRooms = 0
            $0.missesPerMinute = 0
            $0.maxConnectionsPerAddress = 0
            $0.maxRoomsPerAddress = 0
            $0.joinTimeout = 0
            $0.messageLimits.maxClientsPerRoom = 0
            $0.messageLimits.maxClientIDBytes = 0
            $0.transport.maxMessageBytes = 0
            $0.transport.maxQueuedBytes = 0
            $0.transport.maxBufferedBytes = 0
            $0.transport.messagesPerSecond = 0
            $0.transport.idleTimeout = 0
            $0.transport.handshakeTimeout = 0
            $0.clientIPHeader = HeaderName("x-client")
        } _: { relay in
            let host = try relay.connect()
            let code = try host.create(clientID: String(repeating: "x", count: 10_000), maxClients: 1 << 40)
            #expect(try relay.get("/room/\(code)").body.hasPrefix(#"{"clients":1,"maxClients":\#(1 << 40),"#))
            for _ in 0..<300 {
                #expect(try relay.get("/room/111111", headers: ["X-Client: 203.0.113.7"]).status == 404)
            }
            let data = String(repeating: "x", count: 3 << 20)
            host.send(#"{"type":"send","to":0,"data":"\#(data)"}"#)
            try host.expect(#"{"type":"message","from":0,"data":"\#(data)"}"#)
            #expect(relay.engine.statistics().limitsExceeded.values.allSatisfy { $0 == 0 })
        }
    }
}
