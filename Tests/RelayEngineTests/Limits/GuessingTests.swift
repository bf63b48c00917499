import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("The limit on guessed codes", .blocking)
struct GuessingTests {
    @Test(
        "too many unknown codes are refused, per client, over HTTP and WebSocket together; hits never count",
        arguments: [1, 4])
    func misses(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.missesPerMinute = 2
            $0.clientIPHeader = HeaderName("x-client")
        } _: { relay in
            let room = try relay.room(members: 1)
            let household = ["X-Client: 203.0.113.7"]
            let guest = try relay.connect(headers: household)
            for slot in 1...10 {
                #expect(try relay.get("/room/\(room.code)", headers: household).status == 200)
                let member = try relay.connect(headers: household)
                try member.join(room.code, clientID: "client-\(slot)")
                #expect(try member.text().hasPrefix(#"{"type":"joined","#))
            }
            #expect(try relay.get("/room/111111", headers: household).status == 404)
            try guest.join("nope", clientID: "guest")
            try guest.expect(#"{"type":"error","message":"Room not found"}"#)
            #expect(relay.timesExceeded(.missesPerMinute) == 0)

            let reply = try relay.get("/room/111112", headers: household)
            #expect(reply.status == 429)
            #expect(reply.body == #"{"error":"Too many attempts"}"#)
            #expect((1...30).contains(try #require(reply["Retry-After"].flatMap { Int($0) })))
            #expect(reply.allowsEveryOrigin)
            try guest.join("111111", clientID: "guest")
            try guest.expect(#"{"type":"error","message":"Too many attempts"}"#)
            #expect(relay.timesExceeded(.missesPerMinute) == 2)
            #expect(try relay.get("/room/111111", headers: ["X-Client: 203.0.113.8"]).status == 404)
        }
    }

    @Test("a client above the limit learns nothing of rooms that there are, unless it has a slot", arguments: [1, 4])
    func blocked(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.missesPerMinute = 1
            $0.clientIPHeader = HeaderName("x-client")
        } _: { relay in
            let rooms = try (0..<4).map { _ in try relay.room(members: 1) }
            let guesser = ["X-Client: 203.0.113.7"]
            let member = try relay.connect(headers: guesser)
            try member.join(rooms[0].code, clientID: "owner")
            #expect(try member.text().hasPrefix(#"{"type":"joined","#))
            #expect(try relay.get("/room/111111", headers: guesser).status == 404)

            let guest = try relay.connect(headers: guesser)
            for code in rooms.map(\.code) + ["111112", "nope"] {
                #expect(try relay.get("/room/\(code)", headers: guesser).status == 429)
                #expect(try relay.get("/room/\(code)", method: "HEAD", headers: guesser).status == 429)
                try guest.join(code, clientID: "guest")
                try guest.expect(#"{"type":"error","message":"Too many attempts"}"#)
            }
            // The owner of a slot comes back, from its address or another, whether it was connected or not.
            for isConnected in [true, false] {
                if !isConnected { member.socket.close() }
                let back = try relay.connect("/\(rooms[0].code)", headers: guesser)
                try back.join(rooms[0].code, clientID: "owner")
                #expect(try back.text() == #"{"type":"joined","room":"\#(rooms[0].code)","index":1,"peers":[0]}"#)
            }
        }
    }

    @Test(
        "one household counts as one client, and those whose address cannot be read as one together",
        arguments: [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("203.0.113.7", "::ffff:203.0.113.7", true), ("203.0.113.7:51234", "203.0.113.7:51235", true),
            ("203.0.113.7:51234", "203.0.113.8:51234", false), ("[2001:db8::1]:443", "2001:db8::2", true),
            ("unknown", "_hidden", true), ("unknown", "203.0.113.7", false), ("nonsense", "203.0.113.300", true),
            ("for=203.0.113.7", "203.0.113.7", true), ("198.51.100.1, 203.0.113.7", "198.51.100.2,203.0.113.7", true),
            ("203.0.113.7, 198.51.100.1", "203.0.113.7, 198.51.100.2", false), ("10.1.2.3", "10.1.2.3", false),
        ])
    func addresses(first: String, second: String, isLimited: Bool) async throws {
        for header in ["fly-client-ip", "x-forwarded-for", "forwarded", "x-real-ip"] {
            try await withRelay {
                $0.missesPerMinute = 1
                $0.clientIPHeader = HeaderName(header)
            } _: { relay in
                #expect(try relay.get("/room/111111", headers: ["\(header): \(first)"]).status == 404)
                let reply = try relay.get("/room/111111", headers: ["\(header): \(second)"])
                #expect(reply.status == (isLimited ? 429 : 404))
            }
        }
    }

    @Test(
        "of several fields the last one that is not empty counts",
        arguments: [
            (["203.0.113.7", "203.0.113.9"], ["203.0.113.8", "203.0.113.9"], true),
            (["203.0.113.9", "203.0.113.7"], ["203.0.113.9", "203.0.113.8"], false),
            (["203.0.113.9", ""], ["203.0.113.9", " ,"], true),
        ])
    func fields(first: [String], second: [String], isLimited: Bool) async throws {
        try await withRelay {
            $0.missesPerMinute = 1
            $0.clientIPHeader = .xForwardedFor
        } _: { relay in
            #expect(try relay.get("/room/111111", headers: first.map { "X-Forwarded-For: \($0)" }).status == 404)
            let reply = try relay.get("/room/111111", headers: second.map { "X-Forwarded-For: \($0)" })
            #expect(reply.status == (isLimited ? 429 : 404))
        }
    }

    @Test("random addresses out of one /48 have ten times the limit together")
    func site() async throws {
        try await withRelay {
            $0.missesPerMinute = 2
            $0.clientIPHeader = .flyClientIP
        } _: { relay in
            let statuses = try (0..<25).map { net in
                try relay.get("/room/111111", headers: ["Fly-Client-IP: 2001:db8:7:\(net)::1"]).status
            }
            #expect(statuses.prefix(20).allSatisfy { $0 == 404 })
            #expect(statuses.suffix(5).contains(429))
            #expect(try relay.get("/room/111111", headers: ["Fly-Client-IP: 2001:db8:8::1"]).status == 404)
        }
    }

    @Test(
        "a private peer that forwards for others, with no header configured, has ten times the limit, and is told of once",
        arguments: ["X-Forwarded-For: 203.0.113", "Forwarded: for=203.0.113", "X-Real-IP: 203.0.113"])
    func forwarding(header: String) async throws {
        let warnings = RecordedLog()
        try await withRelay(log: warnings) {
            $0.missesPerMinute = 1
        } _: { relay in
            for _ in 0..<30 { #expect(try relay.get("/room/111111").status == 404) }
            #expect(warnings.texts.isEmpty)
            let statuses = try (1...13).map { try relay.get("/room/111111", headers: ["\(header).\($0)"]).status }
            #expect(statuses.prefix(10).allSatisfy { $0 == 404 })
            #expect(statuses.suffix(3).contains(429))
            #expect(try relay.get("/room/111111").status == 404)
        }
        let told = warnings.texts.filter { $0.contains("CLIENT_IP_HEADER") }
        #expect(told.count == 1)
        #expect(told.allSatisfy { $0.contains("not set") && !$0.contains("203.0.113") })
    }

    @Test("a header that cannot be read, and one that is missing, are told of once each, without the value")
    func doubts() async throws {
        let warnings = RecordedLog()
        try await withRelay(loops: 2, log: warnings) {
            $0.clientIPHeader = .xRealIP
        } _: { relay in
            for number in 0..<20 {
                _ = try relay.get("/room/111111", headers: ["X-Real-IP: secret-\(number)"])
                _ = try relay.get("/health", headers: ["X-Forwarded-For: 203.0.113.\(number)"])
                _ = try relay.get("/health", headers: ["X-Real-IP: 203.0.113.\(number)"])
            }
        }
        #expect(warnings.texts.count == 2)
        #expect(warnings.texts.allSatisfy { $0.hasSuffix(" header=x-real-ip") && !$0.contains("secret") })
        #expect(Set(warnings.texts).count == 2)
    }
}
