import LiveClient
import PartySocketsClient
import Testing

extension LiveTests {
    @Suite("A whole game")
    struct GameTests {
        private static let guests = 1...8

        @Test("a host and eight guests who type the code play to the end, in every region")
        func game() async throws {
            let machinesByRegion = try await LiveDeployment.current.machinesByRegion
            let machines = machinesByRegion.values.compactMap(\.first)
            try await forEachAtOnce(machines.isEmpty ? [nil] : machines.map(Optional.some)) { machine in
                try await withVisit { try await play(on: machine, visit: $0) }
            }
        }

        private func play(on machine: Machine?, visit: Visit) async throws {
            let host = try await visit.host(on: machine, maxClients: 9)
            try host.room.setState("lobby")
            let phones = try await phones(visit, in: host.room.code)
            #expect(phones.map(\.room.index).sorted() == Array(Self.guests))
            var came: Set<Int> = []
            while came.count < phones.count {
                came.insert(try await host.hear("all guests") { if case .peer(let slot) = $0 { slot } else { nil } })
            }
            for phone in phones { try await expect(.state(RawJSON(text: #""lobby""#)), to: phone) }

            try host.room.setState("round 1")
            for phone in phones { try await expect(.state(RawJSON(text: #""round 1""#)), to: phone) }
            for phone in phones {
                let slot = phone.room.index
                try phone.room.send(["answer": slot * 7], to: .one(0))
                try await host.expect(#"{"answer":\#(slot * 7)}"#, from: slot)
                try host.room.send(["score": slot], to: .one(slot))
                try await expect(.message(from: 0, data: RawJSON(text: #"{"score":\#(slot)}"#)), to: phone)
            }
            for phone in phones {
                try phone.room.send("cheer")
                for listener in [host] + phones where listener.room.index != phone.room.index {
                    try await listener.expect(#""cheer""#, from: phone.room.index)
                }
            }

            try await host.room.close()
            for player in [host] + phones { try await player.expectEnd(.roomClosed) }
        }

        /// Reads on to the event: other phones come while a phone waits for its own.
        private func expect(_ event: RoomEvent, to player: Player) async throws {
            try await player.hear("\(event)") { $0 == event ? () : nil }
        }

        /// The phones that typed the code, at the same moment.
        private func phones(_ visit: Visit, in code: String) async throws -> [Player] {
            try await withThrowingTaskGroup(of: Player.self) { group in
                for number in Self.guests { group.addTask { try await visit.player("guest \(number)", in: code) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
    }
}
