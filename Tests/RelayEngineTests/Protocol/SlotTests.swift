import RelayWire
import Testing

@Suite("Slots over the wire", .blocking)
struct SlotTests {
    @Test("the others are told at once when a member's connection ends, however it ends", arguments: [1, 2, 4])
    func left(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 5)
            room.members[1].send(.close, [0x03, 0xE8])
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            room.members[2].socket.reset()
            try room.host.expect(#"{"type":"peer_left","index":2}"#)
            room.members[3].socket.finishWriting()
            try room.host.expect(#"{"type":"peer_left","index":3}"#)
            room.members[4].write([0xFF])
            try room.host.expect(#"{"type":"peer_left","index":4}"#)
            try room.members[1].expectClose(1000)
        }
    }

    @Test("a returning client gets its slot back, and nobody else ever does", arguments: [1, 2, 4])
    func stable(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 3)
            room.members[1].socket.close()
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            let another = try relay.connect()
            try another.join(room.code, clientID: "client-3")
            try another.expect(#"{"type":"joined","room":"\#(room.code)","index":3,"peers":[0,2]}"#)
            let returning = try relay.connect()
            try returning.join(room.code, clientID: "client-1")
            try returning.expect(#"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0,2,3]}"#)
            try room.host.expect(#"{"type":"peer_joined","index":3}"#)
            try room.host.expect(#"{"type":"peer_joined","index":1}"#)
        }
    }

    @Test(
        "a client that joins again while connected takes over: the old connection is closed, and nobody is told",
        arguments: [1, 4])
    func takeover(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 3, maxClients: 3)
            for slot in [1, 0] {
                let new = try relay.connect()
                try new.join(room.code, clientID: "client-\(slot)")
                let peers = slot == 0 ? "2" : "0,2"
                try new.expect(#"{"type":"joined","room":"\#(room.code)","index":\#(slot),"peers":[\#(peers)]}"#)
                try room.members[slot].expectClose(4000, "replaced")
                try room.members[2].expectNothing()
                room.members[2].send(#"{"type":"send","to":\#(slot),"data":1}"#)
                try new.expect(#"{"type":"message","from":2,"data":1}"#)
                if slot == 1 {
                    new.socket.close()
                    try room.host.expect(#"{"type":"peer_left","index":1}"#)
                    try room.members[2].expect(#"{"type":"peer_left","index":1}"#)
                }
            }
        }
    }

    @Test("maxClients bounds the connected members, a departure frees its place, and fractions round up")
    func capacity() async throws {
        try await withRelay { relay in
            let host = try relay.connect()
            host.send(#"{"type":"create","clientId":"client-0","maxClients":1.000001}"#)
            let code = String(try host.text().dropFirst(26).prefix(6))
            var room = TestRoom(code: code, members: [host])
            try room.add(try relay.connect())

            let late = try relay.connect()
            try late.join(code, clientID: "client-2")
            try late.expect(#"{"type":"error","message":"Room is full"}"#)
            room.members[1].socket.close()
            try host.expect(#"{"type":"peer_left","index":1}"#)
            try late.join(code, clientID: "client-2")
            try late.expect(#"{"type":"joined","room":"\#(code)","index":2,"peers":[0]}"#)
            try host.expect(#"{"type":"peer_joined","index":2}"#)

            let returning = try relay.connect()
            try returning.join(code, clientID: "client-1")
            try returning.expect(#"{"type":"error","message":"Room is full"}"#)
            try host.expectNothing()
        }
    }

    @Test("client ids are the same only if their bytes are, whichever way JSON writes them")
    func clientIDs() async throws {
        try await withRelay { relay in
            let host = try relay.connect()
            let code = try host.create(clientID: "h")
            let composed = try relay.connect()
            try composed.join(code, clientID: "\u{E9}")
            try composed.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
            let decomposed = try relay.connect()
            try decomposed.join(code, clientID: "e\u{301}")
            try decomposed.expect(#"{"type":"joined","room":"\#(code)","index":2,"peers":[0,1]}"#)
            let escaped = try relay.connect()
            try escaped.join(code, clientID: #"\u00e9"#)
            try escaped.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0,2]}"#)
            try composed.expect(#"{"type":"peer_joined","index":2}"#)
            try composed.expectClose(4000, "replaced")
        }
    }
}
