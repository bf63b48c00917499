import LiveClient
import PartySocketsClient
import Testing

extension LiveTests {
    @Suite("What a client may ask for", .needsAdditions)
    struct PlayerTests {
        @Test("errors have codes, and pings are answered, for whoever asks for the additions")
        func wire() async throws {
            try await withVisit { visit in
                let socket = try await visit.connect(as: "client")
                socket.send(#"{"type":"ping","t":{"any":[1.0]}}"#)
                try await socket.expect(#"{"type":"pong","t":{"any":[1.0]}}"#)
                socket.send(#"{"type":"join","v":3,"clientId":"somebody","room":"111111"}"#)
                try await socket.expect(#"{"type":"error","message":"Room not found","code":"room_not_found"}"#)
            }
        }

        @Test("a player knows its room's machine and region, its size, and the way there")
        func entrance() async throws {
            try await withVisit { visit in
                let host = try await visit.host(
                    maxClients: 3, controllerURL: "https://game.example/{room}", hold: .seconds(20))
                let guest = try await visit.player("guest", in: host.room.code)
                for player in [host, guest] {
                    #expect(player.room.maxClients == 3)
                    #expect(player.room.hold == .seconds(20))
                    #expect(player.room.joinURL == "https://game.example/\(host.room.code)")
                    #expect(player.room.instance == host.room.instance)
                    #expect(player.room.region == host.room.region)
                    try await player.hear("the round trip") { if case .rtt = $0 { () } else { nil } }
                    #expect(try #require(player.room.rtt) > .zero)
                }
            }
        }

        @Test("a player who was kicked and banned stays out, and everybody hears why it has gone")
        func kick() async throws {
            try await withVisit { visit in
                let host = try await visit.host()
                let rude = try await visit.player("rude guest", in: host.room.code)
                try await host.expect(.peer(1))
                try host.room.kick(1, ban: true)
                try await rude.expectEnd(.kicked)
                try await host.expect(.gone(1, reason: "kicked"))
                await expect(.notAllowed) {
                    try await visit.player("rude guest", in: host.room.code, as: rude.room.clientID)
                }
                let other = try await visit.player("other guest", in: host.room.code)
                #expect(other.room.index == 2)
            }
        }

        @Test("a locked room lets nobody new in, and everybody back")
        func lock() async throws {
            try await withVisit { visit in
                let host = try await visit.host()
                let guest = try await visit.player("guest", in: host.room.code)
                try host.room.lock()
                // An echo arrives after the lock has been read.
                try host.room.send("locked?", to: .one(0))
                try await host.hear("the echo") { if case .message = $0 { () } else { nil } }
                await expect(.roomLocked) { try await visit.player("late guest", in: host.room.code) }
                guest.room.suspend()
                try await host.hear("that the guest is away") { if case .away(1, _, _) = $0 { () } else { nil } }
                guest.room.resume()
                try await host.expect(.back(1))
            }
        }

        @Test("a ticket moves a seat to another phone, once")
        func ticket() async throws {
            try await withVisit { visit in
                let host = try await visit.host()
                let old = try await visit.player("old phone", in: host.room.code)
                let ticket = try await host.room.ticket(for: 1)
                let new = try await visit.player("new phone", in: host.room.code, ticket: ticket)
                #expect(new.room.index == 1)
                try await old.expectEnd(.replaced)
                try await host.expect(.peer(1))
                try await host.expect(.replaced(1))
                await expect(.ticketInvalid) {
                    try await visit.player("third phone", in: host.room.code, ticket: ticket)
                }
                try host.room.send("still there?", to: .these([1]))
                try await new.expect(#""still there?""#, from: 0)
            }
        }

        @Test("who leaves says so, and its place is free")
        func leave() async throws {
            try await withVisit { visit in
                let host = try await visit.host(maxClients: 2, hold: .seconds(60))
                let guest = try await visit.player("guest", in: host.room.code)
                try await host.expect(.peer(1))
                await guest.room.leave()
                try await host.expect(.gone(1, reason: "left"))
                _ = try await visit.player("next guest", in: host.room.code)
            }
        }

        /// Runs the body, which must be refused with this code.
        private func expect(_ code: PartyError.Code, _ body: () async throws -> Player) async {
            do {
                _ = try await body()
                Issue.record("no error instead of \(code.rawValue)")
            } catch {
                #expect((error as? PartyError)?.code == code, "\(error)")
            }
        }
    }
}
