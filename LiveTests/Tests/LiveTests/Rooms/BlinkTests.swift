import LiveClient
import Testing

extension LiveTests {
    @Suite("Rooms without a connection")
    struct BlinkTests {
        /// How a member's connection ends that has not said goodbye.
        enum Blink: CaseIterable {
            /// Without a close frame.
            case lost
            /// With 1001, as a page that is reloaded.
            case reloaded
        }

        /// How a member leaves for good.
        enum Goodbye: CaseIterable {
            case closeFrame
            case message
        }

        @Test(
            "the only member whose connection ends comes back to its slot and snapshot, and nobody else finds the room",
            arguments: Blink.allCases, [true, false])
        func blink(_ blink: Blink, isPinned: Bool) async throws {
            try await withVisit { visit in
                let id = ClientID()
                let host = try await visit.connect(as: "host")
                let room = try await host.create(clientID: id)
                host.send(#"{"type":"set_state","data":"level 3"}"#)
                try await host.expectNothing(slot: 0)
                switch blink {
                case .lost: host.vanish()
                case .reloaded: host.close(1001)
                }
                try await expectGone(room, visit: visit)

                let path = "/\(room.code)"
                let back = try await visit.connect(isPinned ? room.pinned(path) : path, as: "host, back")
                try await back.join(room.code, as: id, slot: 0, peers: [])
                try await back.expect(#"{"type":"state","data":"level 3"}"#)
                let reply = try await visit.get(room.pinned("/room/\(room.code)"))
                #expect(reply.body == #"{"clients":1,"maxClients":16,"origin":"unknown"}"#, "\(reply)")
            }
        }

        @Test("a room whose last member says goodbye ends at once, for that member too", arguments: Goodbye.allCases)
        func goodbye(_ goodbye: Goodbye) async throws {
            try await withVisit { visit in
                let id = ClientID()
                let host = try await visit.connect(as: "host")
                let room = try await host.create(clientID: id)
                switch goodbye {
                case .closeFrame:
                    host.close(1000)
                    try await host.expectClose(1000, "")
                case .message:
                    host.send(#"{"type":"leave"}"#)
                    try await host.expectClose(1000, "left")
                }
                try await expectGone(room, visit: visit)
                let back = try await visit.connect(room.pinned("/\(room.code)"), as: "host, back")
                back.join(room.code, as: id)
                try await back.expect(#"{"type":"error","message":"Room not found"}"#)
            }
        }

        @Test("a room goes on for those who stay, whatever its last but one member does")
        func others() async throws {
            try await withVisit { visit in
                let id = ClientID()
                let host = try await visit.connect(as: "host")
                let room = try await host.create(clientID: id)
                let guest = try await visit.guest(1, of: room)
                host.close(1000)
                try await guest.expect(#"{"type":"peer_left","index":0}"#)
                let back = try await visit.connect(room.pinned("/\(room.code)"), as: "host, back")
                try await back.join(room.code, as: id, slot: 0, peers: [1])
                try await guest.expect(#"{"type":"peer_joined","index":0}"#)
            }
        }

        /// Waits until neither a page nor a stranger finds the room.
        private func expectGone(_ room: LiveRoom, visit: Visit) async throws {
            try await eventually("404 for a room without a connection") {
                let reply = try await visit.get(room.pinned("/room/\(room.code)"))
                return (reply.status == 404, "\(reply)")
            }
            let stranger = try await visit.connect(room.pinned("/\(room.code)"), as: "stranger")
            stranger.join(room.code)
            try await stranger.expect(#"{"type":"error","message":"Room not found"}"#)
        }
    }
}
