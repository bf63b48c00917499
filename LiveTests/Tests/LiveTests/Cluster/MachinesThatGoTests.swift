import LiveClient
import Testing

extension LiveTests {
    /// To be run alone: no other test survives a machine that goes.
    @Suite("Machines that go", .serialized)
    struct MachinesThatGoTests {
        @Test(
            "a room goes on while its machine is replaced, and its players find it by its code and by their old pin",
            .needsTwoMachinesOfOneRegion, .needsReplacement)
        func replaced() async throws {
            let (machine, _) = try await neighbours()
            try await withVisit { visit in
                let game = try await Game(on: machine, visit: visit)
                async let replacing: Void = LiveDeployment.operatorCommands.replace(machine)
                for member in game.members { try await expectMoved(member) }
                // The old machine may still be there, or not any more, or be there again.
                let again = try await game.comeBack(visit: visit, as: "back")
                try await replacing
                for member in again { member.vanish() }
                _ = try await game.comeBack(visit: visit, as: "back once more")
            }
        }

        @Test(
            "while a machine hangs nobody is told that its rooms do not exist, and then they are found",
            .needsTwoMachinesOfOneRegion, .needsChoiceOfLanding, .needsFreezing)
        func frozen() async throws {
            let (machine, neighbour) = try await neighbours()
            try await withVisit { visit in
                let room = try await visit.room(on: machine)
                async let freezing: Void = LiveDeployment.operatorCommands.freeze(machine, seconds: 12)
                try await eventually("503 with Retry-After while \(machine) hangs") {
                    let reply = try await visit.get("/room/\(room.code)", headers: neighbour.asLanding)
                    try #require(reply.status == 200 || reply.status == 503, "\(reply)")
                    return (reply.status == 503 && reply["Retry-After"].flatMap { Int($0) } != nil, "\(reply)")
                }
                try await freezing
                try await eventually("the room after \(machine) has hung") {
                    let reply = try await visit.get("/room/\(room.code)", headers: neighbour.asLanding)
                    return (reply.status == 200, "\(reply)")
                }
                try await room.host.expectNothing(slot: 0)
            }
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

        /// A host, a guest who has only the code, and one with a pin to the room's first machine.
        private struct Game {
            let room: LiveRoom
            let members: [LiveSocket]
            private let ids = [ClientID(), ClientID(), ClientID()]

            init(on machine: Machine, visit: Visit) async throws {
                room = try await visit.connect("/?instance=\(machine.id)", as: "host").create(clientID: ids[0])
                room.host.send(#"{"type":"set_state","data":"level 3"}"#)
                let guests = [
                    try await visit.guest(1, of: room, as: ids[1]), try await visit.guest(2, of: room, as: ids[2]),
                ]
                for guest in guests { try await guest.expect(#"{"type":"state","data":"level 3"}"#) }
                try await guests[0].expect(#"{"type":"peer_joined","index":2}"#)
                members = [room.host] + guests
            }

            /// All come back to their slots and to the snapshot, and hear each other.
            func comeBack(visit: Visit, as name: String) async throws -> [LiveSocket] {
                var back: [LiveSocket] = []
                for (slot, id) in ids.enumerated() {
                    let path = "/\(room.code)"
                    let member = try await visit.patientlyConnect(
                        slot == 2 ? room.pinned(path) : path, as: "member \(slot), \(name)")
                    try await member.join(room.code, as: id, slot: slot, peers: 0..<slot)
                    try await member.expect(#"{"type":"state","data":"level 3"}"#)
                    for other in back { try await other.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
                    back.append(member)
                }
                back[0].send(#"{"type":"send","data":"all here?"}"#)
                for guest in back.dropFirst() {
                    try await guest.expect(#"{"type":"message","from":0,"data":"all here?"}"#)
                }
                return back
            }
        }
    }
}
