import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Limits of one address", .blocking)
struct AddressLimitTests {
    private static func limits(connections: Int = 0, rooms: Int = 0) -> (inout EngineConfiguration) -> Void {
        {
            $0.maxConnectionsPerAddress = connections
            $0.maxRoomsPerAddress = rooms
            $0.clientIPHeader = HeaderName("x-client")
        }
    }

    private static func upgrade(_ relay: RunningRelay, from address: String) throws -> HTTPReply {
        try relay.get("/", headers: TestClient.upgradeFields + ["X-Client: \(address)"])
    }

    private static func end(_ client: TestClient) throws {
        client.send(.close, [])
        try client.expectClose(nil)
    }

    @Test(
        "an address has so many connections, and others as many again",
        arguments: [
            ("203.0.113.7", "203.0.113.7", false), ("203.0.113.7", "203.0.113.8", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:3::4", false), ("2001:db8:1:2::1", "2001:db8:1:3::1", true),
            ("unknown", "hidden", false), ("10.0.0.1", "10.0.0.1", false), ("127.0.0.1", "127.0.0.1", true),
        ])
    func connections(first: String, second: String, isAdmitted: Bool) async throws {
        try await withRelay(configure: Self.limits(connections: 2)) { relay in
            let clients = try (0..<2).map { _ in try relay.connect(headers: ["X-Client: \(first)"]) }
            let reply = try Self.upgrade(relay, from: second)
            #expect(reply.status == (isAdmitted ? 101 : 503))
            if !isAdmitted { #expect(reply["Retry-After"].flatMap { Int($0) } ?? 0 > 0) }
            #expect(relay.timesExceeded(.connectionsPerAddress) == (isAdmitted ? 0 : 1))
            #expect(try relay.get("/health", headers: ["X-Client: \(second)"]).status == 200)
            withExtendedLifetime(clients) {}
        }
    }

    @Test("a peer on loopback that nobody speaks for has any number", arguments: [true, false])
    func loopback(hasHeader: Bool) async throws {
        try await withRelay {
            Self.limits(connections: 1, rooms: 1)(&$0)
            if !hasHeader { $0.clientIPHeader = nil }
        } _: { relay in
            for _ in 0..<5 { _ = try relay.room(members: 1) }
        }
    }

    @Test("connections are counted down however they end, and wherever they have moved", arguments: [1, 4])
    func comings(loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.limits(connections: 2)) { relay in
            let room = try relay.room(members: 1)
            for round in 0..<20 {
                let client = try relay.connect("/\(room.code)", headers: ["X-Client: 203.0.113.7"])
                let other = try relay.connect(headers: ["X-Client: 203.0.113.7"])
                #expect(try Self.upgrade(relay, from: "203.0.113.7").status == 503)
                try other.join(room.code, clientID: "guest-\(round)")
                #expect(try other.text().hasPrefix(#"{"type":"joined""#))
                switch round % 3 {
                case 0: try Self.end(other)
                case 1:
                    // The relay closes it for its new connection.
                    let newer = try relay.connect(headers: ["X-Client: 203.0.113.8"])
                    try newer.join(room.code, clientID: "guest-\(round)")
                    _ = try newer.text()
                    try other.expectClose(4000, "replaced")
                default:
                    other.write([0xFF, 0xFF])
                    try other.expectClose(1002, "reserved bits are set")
                }
                try Self.end(client)
            }
        }
    }

    @Test("a connection that is refused for another limit does not count for its address")
    func refused() async throws {
        try await withRelay {
            Self.limits(connections: 1)(&$0)
            $0.maxConnections = 1
        } _: { relay in
            let first = try relay.connect()
            for _ in 0..<3 { #expect(try Self.upgrade(relay, from: "203.0.113.7").status == 503) }
            #expect(relay.timesExceeded(.connections) == 3 && relay.timesExceeded(.connectionsPerAddress) == 0)
            try Self.end(first)
            #expect(try Self.upgrade(relay, from: "203.0.113.7").status == 101)
        }
    }

    @Test("an address has so many rooms, for as long as each of them lives", arguments: [1, 4])
    func rooms(loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.limits(rooms: 2)) { relay in
            func host() throws -> TestClient { try relay.connect(headers: ["X-Client: 203.0.113.7"]) }
            let hosts = [try host(), try host()]
            let codes = try hosts.map { try $0.create() }
            let late = try host()
            func expectFull() throws {
                late.send(#"{"type":"create","clientId":"h","maxClients":2}"#)
                try late.expect(#"{"type":"error","message":"Server is full"}"#)
            }
            try expectFull()
            #expect(relay.timesExceeded(.roomsPerAddress) == 1 && relay.timesExceeded(.rooms) == 0)
            _ = try relay.connect(headers: ["X-Client: 203.0.113.8"]).create()

            // The host leaves, and the room lives on.
            let guest = try relay.connect()
            try guest.join(codes[0], clientID: "client-1")
            _ = try guest.text()
            try hosts[0].expect(#"{"type":"peer_joined","index":1}"#)
            try Self.end(hosts[0])
            try guest.expect(#"{"type":"peer_left","index":0}"#)
            try expectFull()
            try Self.end(guest)
            let code = try late.create()
            #expect(try relay.get("/room/\(code)").status == 200)

            hosts[1].send(#"{"type":"close_room"}"#)
            try hosts[1].expectClose(4001, "room closed")
            let last = try host()
            _ = try last.create()
            withExtendedLifetime(last) {}
        }
    }

    @Test("a room that is refused for another limit does not count for its creator")
    func refusedRooms() async throws {
        try await withRelay {
            Self.limits(rooms: 1)(&$0)
            $0.maxRooms = 1
        } _: { relay in
            let room = try relay.room(members: 1)
            let host = try relay.connect(headers: ["X-Client: 203.0.113.7"])
            for _ in 0..<3 {
                host.send(#"{"type":"create","clientId":"h","maxClients":2}"#)
                try host.expect(#"{"type":"error","message":"Server is full"}"#)
            }
            #expect(relay.timesExceeded(.rooms) == 3 && relay.timesExceeded(.roomsPerAddress) == 0)
            try Self.end(room.host)
            try host.create()
        }
    }
}
