import PartySocketsClient
import Testing

@Suite("Connections that end")
struct ConnectionTests {
    @Test("a member whose connection is cut comes back to its seat, and its messages follow", .timeLimit(.minutes(1)))
    func cut() async throws {
        try await LocalRelay.run { relay in
            try await CuttableProxy.run(to: relay.port) { proxy, url in
                let host = try await Room.create(relay.url)
                let guest = try await Room.join(url, code: host.code)
                try await expect(.peer(1), from: host)
                proxy.setDown(true)
                proxy.cut()
                let lost = try await next(guest.events, "the loss") { event in
                    if case .disconnected(let error) = event { error } else { nil }
                }
                #expect(lost.code == .unreachable)
                #expect(guest.status == .reconnecting)
                try guest.send("while away")
                proxy.setDown(false)
                let attempts = try await next(guest.events, "the return") { event in
                    if case .reconnected(_, let attempts) = event { attempts } else { nil }
                }
                #expect(attempts >= 1)
                #expect(guest.status == .open)
                #expect(guest.index == 1)
                try await expect(.message(from: 1, data: RawJSON(text: "\"while away\"")), from: host)
            }
        }
    }

    @Test("a host comes back, too, and so does its latest state", .timeLimit(.minutes(1)))
    func hostCut() async throws {
        try await LocalRelay.run { relay in
            try await CuttableProxy.run(to: relay.port) { proxy, url in
                let host = try await Room.create(url)
                let guest = try await Room.join(relay.url, code: host.code)
                try host.setState(1)
                try await expect(.state(RawJSON(text: "1")), from: guest)
                proxy.setDown(true)
                proxy.cut()
                _ = try await next(host.events, "the loss") { if case .disconnected = $0 { true } else { nil } }
                try host.setState(2)
                proxy.setDown(false)
                try await expect(.state(RawJSON(text: "2")), from: guest)
                #expect(host.isHost)
            }
        }
    }

    @Test("a connection on which nothing comes any more is given up", .timeLimit(.minutes(1)))
    func frozen() async throws {
        try await LocalRelay.run { relay in
            try await CuttableProxy.run(to: relay.port) { proxy, url in
                let host = try await Room.create(relay.url)
                var options = RoomOptions()
                options.pingAfter = .milliseconds(200)
                options.pongWithin = .milliseconds(300)
                let guest = try await Room.join(url, code: host.code, options: options)
                _ = try await next(guest.events, "the round trip") { if case .rtt = $0 { true } else { nil } }
                #expect(try #require(guest.rtt) > .zero)
                proxy.freeze()
                _ = try await next(guest.events, "the loss") { if case .disconnected = $0 { true } else { nil } }
                _ = try await next(guest.events, "the return") { if case .reconnected = $0 { true } else { nil } }
                #expect(guest.index == 1)
            }
        }
    }

    @Test(
        "of two connections with one secret the later one has the seat, and the earlier one ends",
        .timeLimit(.minutes(1)))
    func replaced() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let guest = try await Room.join(relay.url, code: host.code)
            var options = RoomOptions()
            options.clientID = guest.clientID
            let again = try await Room.join(relay.url, code: host.code, options: options)
            #expect(again.index == guest.index)
            let error = try await end(of: guest)
            #expect(error.code == .replaced)
            #expect(error.closeCode == 4000)
            #expect(!error.isFinal)
            try again.send("here")
            try await expect(.message(from: 1, data: RawJSON(text: "\"here\"")), from: host)
        }
    }

    @Test("a suspended member is away until it is resumed, with its seat kept", .timeLimit(.minutes(1)))
    func suspended() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let guest = try await Room.join(relay.url, code: host.code)
            guest.suspend()
            _ = try await next(host.events, "that it is away") { if case .away(1, _, _) = $0 { true } else { nil } }
            guest.resume()
            try await expect(.back(1), from: host)
            _ = try await next(guest.events, "the return") { if case .reconnected = $0 { true } else { nil } }
        }
    }

    @Test("a member that gives up says so after its budget", .timeLimit(.minutes(1)))
    func budget() async throws {
        try await LocalRelay.run { relay in
            try await CuttableProxy.run(to: relay.port) { proxy, url in
                let host = try await Room.create(relay.url)
                var options = RoomOptions()
                options.budget = .milliseconds(700)
                let guest = try await Room.join(url, code: host.code, options: options)
                proxy.setDown(true)
                proxy.cut()
                let error = try await end(of: guest)
                #expect(error.code == .gaveUp)
                #expect(!error.isFinal)
                #expect(guest.status == .closed)
            }
        }
    }

    @Test("the connection ends with the task that reads the events", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let guest = try await Room.join(relay.url, code: host.code)
            try await expect(.peer(1), from: host)
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in guest.events {}
                }
                group.cancelAll()
            }
            _ = try await next(host.events, "that it has gone") { if case .away(1, _, _) = $0 { true } else { nil } }
            #expect(try await end(of: guest).code == .aborted)
        }
    }

    @Test("the connection ends when nobody holds the room any more", .timeLimit(.minutes(1)))
    func released() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            do {
                let guest = try await Room.join(relay.url, code: host.code)
                #expect(guest.index == 1)
            }
            _ = try await next(host.events, "that it has gone") { if case .away(1, _, _) = $0 { true } else { nil } }
        }
    }
}
