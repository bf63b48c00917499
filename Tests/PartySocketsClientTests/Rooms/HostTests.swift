import PartySocketsClient
import Testing

@Suite("What a host may do", .timeLimit(.minutes(1)))
struct HostTests {
    @Test("a member who is kicked hears why it is over, and banned it stays out")
    func kick() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let guest = try await Room.join(relay.url, code: host.code)
            try await expect(.peer(1), from: host)
            try host.kick(1, ban: true)
            let error = try await end(of: guest)
            #expect(error.code == .kicked)
            #expect(error.closeCode == 4003)
            #expect(error.isFinal)
            try await expect(.gone(1, reason: "kicked"), from: host)
            #expect(host.away == [])
            var options = RoomOptions()
            options.clientID = guest.clientID
            await expectError(.notAllowed) { try await Room.join(relay.url, code: host.code, options: options) }
        }
    }

    @Test("a locked room lets members back, and nobody else in")
    func lock() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let guest = try await Room.join(relay.url, code: host.code)
            try host.lock()
            try host.send("locked", to: .one(0))
            try await expect(.message(from: 0, data: RawJSON(text: "\"locked\"")), from: host)
            await expectError(.roomLocked) { try await Room.join(relay.url, code: host.code) }
            guest.suspend()
            guest.resume()
            _ = try await next(guest.events, "the return") { if case .reconnected = $0 { true } else { nil } }
            try host.lock(false)
            try host.send("open", to: .one(0))
            try await expect(.message(from: 0, data: RawJSON(text: "\"open\"")), from: host)
            #expect(try await Room.join(relay.url, code: host.code).index == 2)
        }
    }

    @Test("a ticket moves a seat to another device, which is nobody's error afterwards")
    func ticket() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url)
            let old = try await Room.join(relay.url, code: host.code)
            let ticket = try await host.ticket(for: 1)
            let new = try await Room.join(relay.url, code: host.code, ticket: ticket)
            #expect(new.index == 1)
            #expect(try await end(of: old).code == .replaced)
            try await expect(.replaced(1), from: host)
            await expectError(.ticketInvalid) { try await Room.join(relay.url, code: host.code, ticket: ticket) }
            let error = await #expect(throws: PartyError.self) { try await host.ticket(for: 99) }
            #expect(error?.code == .targetNotFound)
        }
    }

    @Test("a member that leaves is gone for good, and its place is free although places are held")
    func leave() async throws {
        try await LocalRelay.run { relay in
            let host = try await Room.create(relay.url, maxClients: 2, hold: .seconds(60))
            #expect(host.hold == .seconds(60))
            let guest = try await Room.join(relay.url, code: host.code)
            await guest.leave()
            try await expect(.gone(1, reason: "left"), from: host)
            #expect(try await Room.join(relay.url, code: host.code).index == 2)
        }
    }
}
