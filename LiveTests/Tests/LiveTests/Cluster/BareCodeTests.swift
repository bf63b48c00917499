import LiveClient
import Testing

extension LiveTests {
    @Suite("Bare codes")
    struct BareCodeTests {
        @Test("a room is found by its code alone among the machines of its region", .needsTwoMachinesOfOneRegion)
        func region() async throws {
            let regions = try await LiveDeployment.current.machinesByRegion.values.filter { $0.count > 1 }
            try await forEachAtOnce(regions.flatMap { $0 }) { machine in
                // Often enough that the load balancer lands on each machine of a small region.
                try await expectFound(on: machine, requests: 6, guests: 4)
            }
        }

        @Test("a room is found by its code alone in another region", .needsTwoRegions)
        func otherRegion() async throws {
            // A request lands in one region, so all rooms but one are in other regions.
            let machines = try await LiveDeployment.current.machinesByRegion.values.compactMap(\.first)
            try await forEachAtOnce(machines) { machine in
                try await expectFound(on: machine, requests: 6, guests: 4)
            }
        }

        @Test("a room is found by its code alone from every machine", .needsTwoMachines, .needsChoiceOfLanding)
        func everyLanding() async throws {
            let machines = try await LiveDeployment.current.machines
            try await forEachAtOnce(machines) { home in
                try await withVisit { visit in
                    let room = try await visit.room(on: home)
                    // All of a small cluster, some of a large one.
                    try await forEachAtOnce(machines.shuffled().prefix(9)) { landing in
                        let reply = try await visit.get("/room/\(room.code)", headers: landing.asLanding)
                        try #require(reply.status == 200, "the room is on \(home), but from \(landing) \(reply)")
                        try #require(reply.instance == home.id.description, "from \(landing): \(reply)")
                    }
                }
            }
        }

        /// Creates a room on a machine, and looks for it by its code, as a page and as players.
        private func expectFound(on machine: Machine, requests: Int, guests: Int) async throws {
            try await withVisit { visit in
                let room = try await visit.room(on: machine)
                try #require(room.created.instance == machine.id.description, "\(room.host.place)")
                try await forEachAtOnce(0..<requests) { _ in
                    let reply = try await visit.get("/room/\(room.code)")
                    try #require(reply.status == 200, "the room is on \(machine), but \(reply)")
                    try #require(reply.instance == machine.id.description, "the room is on \(machine), but \(reply)")
                }
                for slot in 1...guests { _ = try await visit.guest(slot, of: room, isPinned: false) }
            }
        }

        @Test("the code of a room that has ended is not found, in each region", .needsTwoRegions)
        func unknown() async throws {
            let machines = try await LiveDeployment.current.machinesByRegion.values.compactMap(\.first)
            try await forEachAtOnce(machines) { machine in
                try await withVisit { visit in
                    let room = try await visit.room(on: machine)
                    room.host.send(#"{"type":"close_room"}"#)
                    try await room.host.expectClose(4001, "room closed")
                    try await forEachAtOnce(0..<2) { _ in
                        let reply = try await visit.get("/room/\(room.code)")
                        #expect(reply.status == 404, "a room of \(machine) is closed, but \(reply)")
                        #expect(reply.body == #"{"error":"Room not found"}"#, "\(reply)")
                    }
                    let late = try await visit.connect("/\(room.code)", as: "late guest")
                    late.join(room.code)
                    try await late.expect(#"{"type":"error","message":"Room not found"}"#)
                }
            }
        }

        @Test("the close of a room is known on every machine at once", .needsTwoMachines)
        func closed() async throws {
            let machines = try await LiveDeployment.current.machines
            try await withVisit { visit in
                let room = try await visit.room(on: machines[0])
                try await forEachAtOnce(0..<3) { _ in
                    let reply = try await visit.get("/room/\(room.code)")
                    #expect(reply.status == 200, "\(reply)")
                }
                room.host.send(#"{"type":"close_room"}"#)
                try await room.host.expectClose(4001, "room closed")
                let pins = machines.map { "?instance=\($0.id)" }
                try await forEachAtOnce(pins + ["", "", ""]) { pin in
                    let reply = try await visit.get("/room/\(room.code)\(pin)")
                    #expect(reply.status == 404, "\(reply)")
                }
            }
        }
    }
}
