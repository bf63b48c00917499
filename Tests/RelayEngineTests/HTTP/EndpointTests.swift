import RelayCore
import RelayEngine
import Testing

@Suite("Plain requests", .blocking)
struct EndpointTests {
    @Test("health is ok, without routing and with it", arguments: [false, true])
    func health(isRoutingOn: Bool) async throws {
        try await withRelay {
            $0.identity = RoutingIdentity(isRoutingOn: isRoutingOn, instance: nil, region: Region(name: "fra"))
        } _: { relay in
            let reply = try relay.get("/health")
            #expect(reply.status == 200)
            #expect(reply.body == #"{"status":"ok"}"#)
            #expect(reply["Content-Type"] == "application/json")
            #expect(reply["Content-Length"] == "15")
            #expect(reply.allowsEveryOrigin)
        }
    }

    @Test("a machine that is nearly full takes no new games, but guests still come in", arguments: [false, true])
    func full(byRooms: Bool) async throws {
        try await withRelay(loops: 2) {
            if byRooms { $0.maxRooms = 20 } else { $0.maxConnections = 40 }
        } _: { relay in
            var rooms: [TestRoom] = []
            for _ in 0..<(byRooms ? 18 : 37) { rooms.append(try relay.room(members: 1)) }
            let ready = try relay.get("/ready")
            #expect(ready.status == 200)
            #expect(ready.body == #"{"status":"ready"}"#)
            rooms.append(try relay.room(members: 1))
            let full = try relay.get("/ready")
            #expect(full.status == 503)
            #expect(full.body == #"{"status":"full"}"#)
            #expect(try relay.get("/health").status == 200)
            try rooms[0].add(try relay.connect())
            // One who leaves makes room again.
            for _ in 0..<2 {
                let room = rooms.removeLast()
                room.host.send(#"{"type":"close_room"}"#)
                try room.host.expectClose(4001, "room closed")
            }
            #expect(try relay.get("/ready").status == 200)
            relay.engine.beginDrain()
            #expect(try relay.get("/ready").body == #"{"status":"draining"}"#)
        }
    }

    @Test("a room shows its members, its size and its creator's origin", arguments: [1, 2, 4])
    func room(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.identity.instance = InstanceID("m-1")
        } _: { relay in
            var room = try relay.room(members: 1, maxClients: 7, origin: "https://a.test")
            try room.add(try relay.connect(origin: "https://b.test"))
            let stranger = try relay.connect()
            let reply = try relay.get("/room/\(room.code)")
            #expect(reply.status == 200)
            #expect(reply.body == #"{"clients":2,"maxClients":7,"origin":"https://a.test"}"#)
            #expect(reply["X-Instance-Id"] == "m-1")
            #expect(reply["Content-Type"] == "application/json")
            #expect(reply.allowsEveryOrigin)
            try stranger.create()
        }
    }

    @Test("a room shows its creator's url, and unknown for a missing origin")
    func roomWithURL() async throws {
        try await withRelay { relay in
            let host = try relay.connect()
            host.send(#"{"type":"create","clientId":"h","maxClients":1e300,"url":"https://x.test/?\"\\é"}"#)
            let code = String(try host.text().dropFirst(26).prefix(6))
            #expect(
                try relay.get("/room/\(code)").body
                    == #"{"clients":1,"maxClients":1000,"origin":"unknown","url":"https://x.test/?\"\\é"}"#)
        }
    }

    @Test(
        "an unknown or malformed code gets 404 on every loop",
        arguments: ["111111", "zzzzzz", "0OIl00", "11111", "1111111", "%C3%A9", "%00", "%2F11111", "11%2F111", "."])
    func noRoom(code: String) async throws {
        try await withRelay(loops: 2) { relay in
            let reply = try relay.get("/room/\(code)")
            if code == "11%2F111" {
                #expect(reply.status == 200, "a third segment: this is not a room's page")
            } else {
                #expect(reply.status == 404)
                #expect(reply.body == #"{"error":"Room not found"}"#)
                #expect(reply["X-Instance-Id"] == "")
            }
            #expect(reply.allowsEveryOrigin)
        }
    }

    @Test("paths are percent-decoded before they are matched")
    func percentEncoded() async throws {
        try await withRelay(loops: 2) { relay in
            let room = try relay.room(members: 1)
            let encoded = room.code.utf8.map { "%" + String($0, radix: 16, uppercase: false) }.joined()
            for target in ["/room/\(encoded)", "/%72oom/\(room.code)?x=%zz", "/room%2f\(room.code)"] {
                #expect(try relay.get(target).body.hasPrefix(#"{"clients":1"#), "\(target)")
            }
            #expect(try relay.get("/he%61lth").body == #"{"status":"ok"}"#)
            #expect(try relay.get("http://relay.test/health").body == #"{"status":"ok"}"#)
            for target in ["/%", "/%4", "/%zz", "/room/%"] {
                let reply = try relay.get(target)
                #expect(reply.status == 400, "\(target)")
                #expect(reply.allowsEveryOrigin)
            }
            let guest = try relay.connect("/\(encoded)")
            try guest.join(room.code, clientID: "client-1")
            try guest.expect(#"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0]}"#)
        }
    }

    @Test(
        "every other path shows the numbers of rooms and of members, not of sockets",
        arguments: ["/", "/index.html", "/room", "/room/", "/room/111111/x", "/111111", "/?x", "/Health", "//"])
    func front(target: String) async throws {
        try await withRelay { relay in
            let rooms = [try relay.room(members: 3), try relay.room(members: 1)]
            let stranger = try relay.connect()
            let reply = try relay.get(target)
            #expect(reply.status == 200)
            #expect(reply.body == "rooms: 2\nclients: 4\n")
            #expect(reply["Content-Type"] == "text/plain; charset=utf-8")
            #expect(reply.allowsEveryOrigin)
            try stranger.create()
            #expect(rooms.count == 2)
        }
    }

    @Test("with a dashboard every other path redirects there")
    func dashboard() async throws {
        try await withRelay(dashboardURL: "https://grafana.test/d?var=1") { relay in
            for target in ["/", "/x", "/111111"] {
                let reply = try relay.get(target)
                #expect(reply.status == 302)
                #expect(reply["Location"] == "https://grafana.test/d?var=1")
                #expect(reply.body.isEmpty)
                #expect(reply.allowsEveryOrigin)
            }
            #expect(try relay.get("/health").status == 200)
            #expect(try relay.get("/room/111111").status == 404)
        }
    }

    @Test("HEAD gets the head of GET, without the body", arguments: ["/health", "/metrics", "/room/111111", "/"])
    func head(target: String) async throws {
        try await withRelay { relay in
            let client = try relay.dial()
            client.sendRequest(target, method: "HEAD")
            client.sendRequest("/health")
            let head = try client.reply(isHead: true)
            #expect(head.status == (target.hasPrefix("/room") ? 404 : 200))
            #expect(head["Content-Length"].flatMap { Int($0) } ?? 0 > 0)
            #expect(head.allowsEveryOrigin)
            #expect(try client.reply().body == #"{"status":"ok"}"#)
        }
    }

    @Test("OPTIONS is answered as a preflight, whatever the path", arguments: ["/", "/health", "/room/111111", "*"])
    func preflight(target: String) async throws {
        try await withRelay { relay in
            let reply = try relay.get(
                target, method: "OPTIONS",
                headers: ["Origin: https://a.test", "Access-Control-Request-Method: GET"])
            #expect(reply.status == 204)
            #expect(reply["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS")
            #expect(reply["Content-Length"] == nil)
            #expect(reply.allowsEveryOrigin)
        }
    }

    @Test("another method gets 405 with what is allowed", arguments: ["POST", "PUT", "DELETE", "PATCH", "get", "BREW"])
    func otherMethod(method: String) async throws {
        try await withRelay { relay in
            for target in ["/health", "/", "/room/111111"] {
                let reply = try relay.get(target, method: method)
                #expect(reply.status == 405)
                #expect(reply["Allow"] == "GET, HEAD, OPTIONS")
                #expect(reply.allowsEveryOrigin)
            }
        }
    }

    @Test("an upgrade is ignored on endpoints that take none", arguments: ["/health", "/metrics", "/room/111111"])
    func ignoredUpgrade(target: String) async throws {
        try await withRelay(loops: 2) { relay in
            let client = try relay.dial()
            client.sendRequest(target, headers: TestClient.upgradeFields)
            #expect(try client.reply().status == (target.hasPrefix("/room") ? 404 : 200))
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
        }
    }

    @Test("an Origin that is not UTF-8 is repaired, so that JSON and metrics stay valid")
    func oddOrigin() async throws {
        try await withRelay { relay in
            let host = try relay.dial()
            var bytes = Array("GET / HTTP/1.1\r\nHost: x\r\nOrigin: a\"\\".utf8) + [0xFF, 0xE9]
            bytes += Array("b\r\n\(TestClient.upgradeFields.joined(separator: "\r\n"))\r\n\r\n".utf8)
            host.write(bytes)
            #expect(try host.reply().status == 101)
            let code = try host.create()
            let body = try relay.get("/room/\(code)").body
            #expect(body == #"{"clients":1,"maxClients":100,"origin":"a\"\\\#u{FFFD}\#u{FFFD}b"}"#)
            let metrics = try relay.get("/metrics").body
            #expect(metrics.contains(#"origin="a\"\\\#u{FFFD}\#u{FFFD}b""#))
        }
    }
}
