import LiveClient
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
            let room = try await visit.room(on: machine, maxClients: 9)
            room.host.send(#"{"type":"set_state","data":"lobby"}"#)
            let phones = try await connect(visit, to: room)
            for (slot, phone) in zip(Self.guests, phones) {
                try await phone.join(room.code, slot: slot, peers: 0..<slot)
                try await phone.expect(#"{"type":"state","data":"lobby"}"#)
                for other in [room.host] + phones[..<(slot - 1)] {
                    try await other.expect(#"{"type":"peer_joined","index":\#(slot)}"#)
                }
            }

            room.host.send(#"{"type":"set_state","data":"round 1"}"#)
            for phone in phones { try await phone.expect(#"{"type":"state","data":"round 1"}"#) }
            for (slot, phone) in zip(Self.guests, phones) {
                phone.send(#"{"type":"send","to":0,"data":{"answer":\#(slot * 7)}}"#)
                try await room.host.expect(#"{"type":"message","from":\#(slot),"data":{"answer":\#(slot * 7)}}"#)
                room.host.send(#"{"type":"send","to":\#(slot),"data":{"score":\#(slot)}}"#)
                try await phone.expect(#"{"type":"message","from":0,"data":{"score":\#(slot)}}"#)
            }
            for (slot, phone) in zip(Self.guests, phones) {
                phone.send(#"{"type":"send","data":"cheer"}"#)
                for (other, listener) in zip(0..., [room.host] + phones) where other != slot {
                    try await listener.expect(#"{"type":"message","from":\#(slot),"data":"cheer"}"#)
                }
            }

            room.host.send(#"{"type":"close_room"}"#)
            for player in [room.host] + phones { try await player.expectClose(4001, "room closed") }
        }

        /// The phones that typed the code, at the same moment.
        private func connect(_ visit: Visit, to room: LiveRoom) async throws -> [LiveSocket] {
            let phones = try await withThrowingTaskGroup(of: (Int, LiveSocket).self) { group in
                for slot in Self.guests {
                    group.addTask { (slot, try await visit.connect("/\(room.code)", as: "guest \(slot)")) }
                }
                return try await group.reduce(into: [Int: LiveSocket]()) { $0[$1.0] = $1.1 }
            }
            return Self.guests.compactMap { phones[$0] }
        }
    }
}
