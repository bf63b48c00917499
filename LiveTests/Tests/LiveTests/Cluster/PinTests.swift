import LiveClient
import Testing

extension LiveTests {
    @Suite("Pins")
    struct PinTests {
        @Test("a pin leads to its machine, from wherever the request lands", .needsMachine)
        func everyMachine() async throws {
            try await forEachAtOnce(try await LiveDeployment.current.machines) { machine in
                try await withVisit { visit in
                    // Several times, since a request may land on the right machine by chance.
                    for _ in 0..<3 { try await expectPinned(to: machine, visit: visit) }
                }
            }
        }

        @Test("a pin leads away from the machine that the load balancer chooses", .needsTwoMachines)
        func away() async throws {
            try await withVisit { visit in
                let landing = try await visit.room().created.instance
                let others = try await LiveDeployment.current.machines.filter { $0.id.description != landing }
                try await forEachAtOnce(others) { try await expectPinned(to: $0, visit: visit) }
            }
        }

        /// Creates a room through the pin, and finds it through the pin.
        private func expectPinned(to machine: Machine, visit: Visit) async throws {
            let room = try await visit.room(on: machine)
            try #require(room.created.instance == machine.id.description, "\(room.host.place)")
            if let region = machine.region {
                #expect(room.created.homeRegion == region, "\(room.host.place) is said to be in \(region)")
            }
            let reply = try await visit.get("/room/\(room.code)?instance=\(machine.id)")
            try #require(reply.status == 200, "\(reply)")
            try #require(reply.instance == machine.id.description, "\(reply)")
            let guest = try await visit.connect("/\(room.code)?instance=\(machine.id)", as: "guest")
            try await guest.join(room.code, slot: 1, peers: [0])
        }

        @Test("a pin to a machine without the room starts no search for it", .needsTwoMachines)
        func wrongMachine() async throws {
            let machines = try await LiveDeployment.current.machines
            try await withVisit { visit in
                let room = try await visit.room(on: machines[0])
                let reply = try await visit.get("/room/\(room.code)?instance=\(machines[1].id)")
                #expect(reply.status == 404, "\(reply)")
                #expect(reply.instance == machines[1].id.description, "\(reply)")
            }
        }

        @Test("/health of each machine can be requested", .needsMachine)
        func health() async throws {
            try await forEachAtOnce(try await LiveDeployment.current.machines) { machine in
                try await withVisit { visit in
                    let reply = try await visit.get("/health?instance=\(machine.id)")
                    #expect(reply.status == 200, "\(reply)")
                }
            }
        }
    }
}
