import LiveClient
import PartySocketsClient
import Testing

extension LiveTests {
    /// To be run alone: no other test survives a machine that goes.
    @Suite("Machines that go", .serialized)
    struct MachinesThatGoTests {
        @Test(
            "a room goes on while its machine is replaced: its players come back by themselves, and by their old pin",
            .needsTwoMachinesOfOneRegion, .needsReplacement)
        func replaced() async throws {
            let (machine, _) = try await neighbours()
            try await withVisit { visit in
                let game = try await Game(on: machine, visit: visit)
                async let replacing: Void = LiveDeployment.operatorCommands.replace(machine)
                try await expectMoved(game.pinned)
                for player in game.players { try await expectReturn(player) }
                // The old machine may still be there, or not any more, or be there again.
                let again = try await game.comeBackPinned(visit: visit, as: "back")
                try await replacing
                again.vanish()
                _ = try await game.comeBackPinned(visit: visit, as: "back once more")
            }
        }

        @Test(
            "while a machine hangs nobody is told that its rooms do not exist, and then they are found",
            .needsTwoMachinesOfOneRegion, .needsChoiceOfLanding, .needsFreezing)
        func frozen() async throws {
            let (machine, neighbour) = try await neighbours()
            try await withVisit { visit in
                let room = try await visit.room(on: machine)
                var isTold = false
                for _ in 0..<3 where !isTold {
                    isTold = try await isToldToWait(for: room.code, at: neighbour, while: machine, visit: visit)
                }
                #expect(isTold, "no 503 with Retry-After while \(machine) hung")
                try await eventually("the room after \(machine) has hung") {
                    let reply = try await visit.get("/room/\(room.code)", headers: neighbour.asLanding)
                    return (reply.status == 200, "\(reply)")
                }
                try await room.host.expectNothing(slot: 0)
            }
        }

        /// Freezes a room's machine for twelve seconds, and asks another one for the room meanwhile.
        ///
        /// - Returns: true if that was told to wait: a question that is on its way to the machine when it stops gets its
        ///   answer when it goes on, and then nothing has been seen.
        private func isToldToWait(
            for code: String, at neighbour: Machine, while machine: Machine, visit: Visit
        ) async throws -> Bool {
            let end = ContinuousClock.now + .seconds(12)
            async let freezing: Void = LiveDeployment.operatorCommands.freeze(machine, seconds: 12)
            var isTold = false
            while !isTold, ContinuousClock.now < end {
                let reply = try await visit.get("/room/\(code)", headers: neighbour.asLanding)
                try #require(reply.status == 200 || reply.status == 503, "\(reply)")
                isTold = reply.status == 503 && reply["Retry-After"].flatMap { Int($0) } != nil
            }
            try await freezing
            return isTold
        }

        private func neighbours() async throws -> (Machine, Machine) {
            let regions = try await LiveDeployment.current.machinesByRegion.values
            let machines = try #require(regions.first { $0.count > 1 })
            return (machines[0], machines[1])
        }

        /// A machine that hands over a room, or restarts, closes with 1012; nobody is said to have left before.
        private func expectMoved(_ member: LiveSocket) async throws {
            let heard = try await member.hear(expecting: "close 1012")
            guard case .close(code: 1012, reason: _) = heard else {
                throw Unexpected(at: member.place, expected: "close 1012", got: "\(heard)")
            }
        }

        /// A player hears that its room has moved, if the deployment hands rooms over, and is back within its budget.
        private func expectReturn(_ player: Player) async throws {
            let error = try await player.hear("the end of the connection") { event in
                if case .disconnected(let error) = event { error } else { nil }
            }
            #expect(error.closeCode == 1012, "\(player.place): \(error)")
            let after = try await player.hear("the return") { event in
                if case .reconnected(let after, _) = event { after } else { nil }
            }
            print("\(player.place): back after \(after)")
            #expect(player.room.state == RawJSON(text: #""level 3""#), "\(player.place)")
        }

        /// A host and a guest by the library, and a guest who has a pin to the room's first machine.
        private struct Game {
            let players: [Player]
            let pinned: LiveSocket
            private let code: String
            private let pin: String
            private let id = LiveClient.ClientID()

            private var host: Player { players[0] }

            init(on machine: Machine, visit: Visit) async throws {
                let host = try await visit.host(on: machine)
                try host.room.setState("level 3")
                players = [host, try await visit.player("guest", in: host.room.code)]
                try await players[1].expect(.state(RawJSON(text: #""level 3""#)))
                code = host.room.code
                pin = "/\(code)?instance=\(host.room.instance ?? "")"
                pinned = try await visit.connect(pin, as: "pinned guest")
                try await pinned.join(code, as: id, slot: 2, peers: [0, 1])
                try await pinned.expect(#"{"type":"state","data":"level 3"}"#)
            }

            /// The guest comes back to its slot and to the snapshot by its old pin, and all hear each other.
            func comeBackPinned(visit: Visit, as name: String) async throws -> LiveSocket {
                let guest = try await visit.patientlyConnect(pin, as: "pinned guest, \(name)")
                try await guest.join(code, as: id, slot: 2, peers: [0, 1])
                try await guest.expect(#"{"type":"state","data":"level 3"}"#)
                try host.room.send("all here?")
                try await guest.expect(#"{"type":"message","from":0,"data":"all here?"}"#)
                _ = try await players[1].hear("the host's message") { event in
                    event == .message(from: 0, data: RawJSON(text: #""all here?""#)) ? () : nil
                }
                guest.send(#"{"type":"send","data":"here"}"#)
                for player in players {
                    _ = try await player.hear("the pinned guest's message") { event in
                        event == .message(from: 2, data: RawJSON(text: #""here""#)) ? () : nil
                    }
                }
                return guest
            }
        }
    }
}
