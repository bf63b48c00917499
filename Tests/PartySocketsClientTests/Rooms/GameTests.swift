import PartySocketsClient
import RelayEngine
import Testing

/// What one player presses, and what a game says.
private struct Button: Codable, Equatable, Sendable {
    var name: String
    var count: Double
}

@Suite("A game on a relay")
struct GameTests {
    @Test("a host and a guest meet, and their messages and the state go both ways", .timeLimit(.minutes(1)))
    func game() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url, maxClients: 4, controllerURL: "https://game.example/{room}")
            #expect(host.isHost)
            #expect(host.code.count == 6)
            #expect(host.joinURL == "https://game.example/\(host.code)")
            try host.setState(["level": 3])
            let guest = try await Room.join(relay.url, code: " \(host.code)\n")
            #expect(guest.index == 1)
            #expect(guest.peers == [0])
            #expect(guest.joinURL == host.joinURL)
            try await expect(.peer(1), from: host)
            #expect(host.peers == [1])
            try await expect(.state(RawJSON(text: #"{"level":3}"#)), from: guest)
            #expect(try guest.state?.decode([String: Int].self) == ["level": 3])

            try guest.send(Button(name: "A/B", count: 0.5), to: .one(0))
            let (sender, data) = try await next(host.events, "a message") { event in
                if case .message(let sender, let data?) = event { (sender, data) } else { nil }
            }
            #expect(sender == 1)
            #expect(try data.decode(Button.self) == Button(name: "A/B", count: 0.5))
            host.send(raw: RawJSON(text: #"[1.0, 12345678901234567890]"#))
            try await expect(
                .message(from: 0, data: RawJSON(text: "[1.0, 12345678901234567890]")), from: guest)
            guest.send(raw: RawJSON(text: "7"), to: .one(1))
            try await expect(.message(from: 1, data: RawJSON(text: "7")), from: guest)

            await guest.leave()
            #expect(try await end(of: guest).code == .left)
            _ = try await next(host.events, "the guest's end") { event in
                switch event {
                case .gone(1, _), .away(1, _, _): true
                default: nil
                }
            }
            try await host.close()
            #expect(try await end(of: host).code == .roomClosed)
            #expect(host.status == .closed)
        }
    }

    @Test("several sends arrive in their order, however fast they are", .timeLimit(.minutes(1)))
    func order() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let guest = try await Room.join(relay.url, code: host.code)
            for number in 0..<300 { try host.send(number) }
            var received: [Int] = []
            while received.count < 300 {
                received.append(
                    try await next(guest.events, "message \(received.count)") { event in
                        if case .message(_, let data?) = event { try? data.decode(Int.self) } else { nil }
                    })
            }
            #expect(received == Array(0..<300))
        }
    }

    @Test("a message of two megabytes arrives whole", .timeLimit(.minutes(1)))
    func large() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let guest = try await Room.join(relay.url, code: host.code)
            let text = String(repeating: "ü", count: 1_000_000)
            try host.send(text)
            let received = try await next(guest.events, "the message") { event in
                if case .message(_, let data?) = event { try? data.decode(String.self) } else { nil }
            }
            #expect(received == text)
        }
    }

    @Test("what a relay would refuse is said before it is sent", .timeLimit(.minutes(1)))
    func local() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let guest = try await Room.join(relay.url, code: host.code)
            #expect(throws: PartyError.self) { try host.setState(String(repeating: "a", count: 16_383)) }
            try host.setState(String(repeating: "a", count: 16_382))
            _ = try await next(guest.events, "the state") { if case .state = $0 { true } else { nil } }
            #expect(throws: PartyError.self) { try host.send(Double.infinity) }
            #expect {
                try guest.setState(1)
            } throws: { error in
                (error as? PartyError)?.code == .onlyHostCanSetState
            }
            await #expect(throws: PartyError.self) { try await guest.close() }
        }
    }

    @Test(
        "whoever cannot come in is told why",
        .timeLimit(.minutes(1)))
    func refused() async throws {
        try await LocalRelay.run { relay in
            await expectError(.roomNotFound) { try await Room.join(relay.url, code: "111111") }
            let host = try await Room.create(relay.url, maxClients: 1)
            await expectError(.roomFull) { try await Room.join(relay.url, code: host.code) }
            await expectError(.invalidURL) { try await Room.create("relay.example") }
            await expectError(.noTLS) { try await Room.create("wss://127.0.0.1:\(relay.port)") }
            await expectError(PartyError.Code(rawValue: "url_not_https")) {
                try await Room.create(relay.url, controllerURL: "http://game.example")
            }
        }
    }

    @Test("an upgrade that is refused to the end is an error", .timeLimit(.minutes(1)))
    func refusedUpgrade() async throws {
        try await LocalRelay.run {
            $0.maxConnections = 1
        } _: { relay in
            let host = try await Room.create(relay.url)
            var options = RoomOptions()
            options.timeout = .seconds(3)
            await expectError(.unreachable) { try await Room.join(relay.url, code: host.code, options: options) }
        }
    }

    @Test("a secret that was kept gets its seat back, and never stands in a description", .timeLimit(.minutes(1)))
    func store() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let shelf = Shelf()
            var options = RoomOptions()
            options.store = shelf.store
            do {
                let guest = try await Room.join(relay.url, code: host.code, options: options)
                #expect(guest.index == 1)
                #expect(shelf.count == 1)
                #expect(!"\(guest.clientID)".contains(guest.clientID.secret))
                #expect(!String(reflecting: guest.clientID).contains(guest.clientID.secret))
            }
            try await expect(.peer(1), from: host)
            _ = try await next(host.events, "that it has gone") { if case .away(1, _, _) = $0 { true } else { nil } }
            let again = try await Room.join(relay.url, code: host.code, options: options)
            #expect(again.index == 1)
            try await expect(.back(1), from: host)
        }
    }

    @Test("drawn secrets are 32 hexadecimal digits, and differ")
    func secrets() {
        let drawn = (0..<1_000).map { _ in ClientID().secret }
        #expect(Set(drawn).count == drawn.count)
        #expect(drawn.allSatisfy { $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }
}

/// Runs the body, which must fail with this code.
func expectError(
    _ code: PartyError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Room
) async {
    do {
        _ = try await body()
        Issue.record("no error", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? PartyError)?.code == code, "\(error)", sourceLocation: sourceLocation)
    }
}
