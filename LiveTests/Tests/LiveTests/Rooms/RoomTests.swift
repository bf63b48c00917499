import LiveClient
import Testing

extension LiveTests {
    @Suite("Rooms")
    struct RoomTests {
        @Test("a guest who follows the host's pin meets the host, and messages go both ways")
        func messages() async throws {
            try await withVisit { visit in
                let room = try await visit.room()
                #expect(room.created.index == 0)
                var guests: [LiveSocket] = []
                for slot in 1...2 {
                    let guest = try await visit.connect(room.pinned("/"), as: "guest \(slot)")
                    try await guest.join(room.code, slot: slot, peers: 0..<slot)
                    for other in [room.host] + guests {
                        try await other.expect(#"{"type":"peer_joined","index":\#(slot)}"#)
                    }
                    guests.append(guest)
                }

                room.host.send(#"{"type":"send","data":{"round":1}}"#)
                for guest in guests { try await guest.expect(#"{"type":"message","from":0,"data":{"round":1}}"#) }
                guests[0].send(#"{"type":"send","to":0,"data":["A","B"]}"#)
                try await room.host.expect(#"{"type":"message","from":1,"data":["A","B"]}"#)
                room.host.send(#"{"type":"send","to":2,"data":"for you"}"#)
                try await guests[1].expect(#"{"type":"message","from":0,"data":"for you"}"#)
                // An echo to itself, which arrives after everything that the others' messages could have caused.
                try await guests[0].expectNothing(slot: 1)
                try await room.host.expectNothing(slot: 0)

                room.host.send(#"{"type":"send","to":7,"data":1}"#)
                try await room.host.expect(#"{"type":"error","message":"Target peer not found"}"#)
            }
        }

        @Test("the snapshot is sent to the members, and to each client that joins later")
        func state() async throws {
            try await withVisit { visit in
                let room = try await visit.room()
                let first = try await visit.guest(1, of: room)
                room.host.send(#"{"type":"set_state","data":{"level":3}}"#)
                try await first.expect(#"{"type":"state","data":{"level":3}}"#)
                let second = try await visit.guest(2, of: room)
                try await second.expect(#"{"type":"state","data":{"level":3}}"#)
                first.send(#"{"type":"set_state","data":4}"#)
                try await first.expect(#"{"type":"peer_joined","index":2}"#)
                try await first.expect(#"{"type":"error","message":"Only the host can set state"}"#)
                try await second.expectNothing(slot: 2)
            }
        }

        @Test("a player who leaves, with a close frame or without, is reported at once and no longer counted")
        func leaving() async throws {
            try await withVisit { visit in
                let room = try await visit.room(maxClients: 3)
                try await expectClients(1, of: 3, in: room, visit: visit)
                let polite = try await visit.guest(1, of: room)
                let sudden = try await visit.guest(2, of: room)
                try await polite.expect(#"{"type":"peer_joined","index":2}"#)
                try await expectClients(3, of: 3, in: room, visit: visit)
                polite.leave()
                try await room.host.expect(#"{"type":"peer_left","index":1}"#)
                try await sudden.expect(#"{"type":"peer_left","index":1}"#)
                sudden.vanish()
                try await room.host.expect(#"{"type":"peer_left","index":2}"#)
                try await expectClients(1, of: 3, in: room, visit: visit)
            }
        }

        private func expectClients(_ clients: Int, of most: Int, in room: LiveRoom, visit: Visit) async throws {
            let reply = try await visit.get(room.pinned("/room/\(room.code)"))
            #expect(reply.status == 200, "\(reply)")
            #expect(reply.body == #"{"clients":\#(clients),"maxClients":\#(most),"origin":"unknown"}"#, "\(reply)")
            #expect(reply.instance ?? "" == room.created.instance, "\(reply)")
            #expect(reply["Access-Control-Allow-Origin"] == "*", "\(reply)")
        }

        @Test("a player who comes back with its client id gets its slot again, and its old connection is replaced")
        func returning() async throws {
            try await withVisit { visit in
                let room = try await visit.room()
                let player = ClientID()
                try await visit.guest(1, of: room, as: player).vanish()
                try await room.host.expect(#"{"type":"peer_left","index":1}"#)
                _ = try await visit.guest(2, of: room, beside: [0])

                let back = try await visit.connect(room.pinned("/\(room.code)"), as: "guest 1, back")
                try await back.join(room.code, as: player, slot: 1, peers: [0, 2])
                try await room.host.expect(#"{"type":"peer_joined","index":1}"#)

                let again = try await visit.connect(room.pinned("/\(room.code)"), as: "guest 1, again")
                try await again.join(room.code, as: player, slot: 1, peers: [0, 2])
                try await back.expectClose(4000, "replaced")
                try await room.host.expectNothing(slot: 0)
                room.host.send(#"{"type":"send","to":1,"data":"who?"}"#)
                try await again.expect(#"{"type":"message","from":0,"data":"who?"}"#)
            }
        }

        @Test("a room that its host closes ends for everybody with 4001, and is not found again")
        func closing() async throws {
            try await withVisit { visit in
                let room = try await visit.room()
                let guest = try await visit.guest(1, of: room)
                guest.send(#"{"type":"close_room"}"#)
                try await guest.expect(#"{"type":"error","message":"Only the host can close the room"}"#)
                room.host.send(#"{"type":"close_room"}"#)
                for member in [room.host, guest] { try await member.expectClose(4001, "room closed") }

                let reply = try await visit.get(room.pinned("/room/\(room.code)"))
                #expect(reply.status == 404, "\(reply)")
                let late = try await visit.connect(room.pinned("/\(room.code)"), as: "late guest")
                late.join(room.code)
                try await late.expect(#"{"type":"error","message":"Room not found"}"#)
            }
        }

        @Test("a room is full at maxClients, and a place is free as soon as somebody leaves")
        func full() async throws {
            try await withVisit { visit in
                let room = try await visit.room(maxClients: 2)
                let guest = try await visit.guest(1, of: room)
                let late = try await visit.connect(room.pinned("/\(room.code)"), as: "late guest")
                late.join(room.code)
                try await late.expect(#"{"type":"error","message":"Room is full"}"#)
                guest.leave()
                try await room.host.expect(#"{"type":"peer_left","index":1}"#)
                try await late.join(room.code, slot: 2, peers: [0])
            }
        }

        @Test("the room and its machine are filled into the controller's URL, which every member gets")
        func url() async throws {
            try await withVisit { visit in
                let host = try await visit.connect(as: "host")
                let room = try await host.create(url: "https://game.example/{room}?on={instance}")
                let url = "https://game.example/\(room.code)?on=\(room.created.instance)"
                #expect(room.created.url == url)
                let reply = try await visit.get(room.pinned("/room/\(room.code)"))
                #expect(reply.body.hasSuffix(#","url":"\#(url)"}"#), "\(reply)")
                let guest = try await visit.connect(room.pinned("/\(room.code)"), as: "guest")
                guest.join(room.code)
                try await guest.expect(
                    #"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0],"url":"\#(url)"}"#)
            }
        }
    }
}
