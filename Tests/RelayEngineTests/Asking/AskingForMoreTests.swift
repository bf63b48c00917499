import RelayCore
import RelayEngine
import Testing

@Suite("What clients are told that ask for more", .blocking)
struct AskingForMoreTests {
    @Test("created and joined tell the machine, the room's terms, and whose places are held", arguments: [1, 4])
    func terms(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.identity.instance = InstanceID("d891")
            $0.regionLabel = "fra"
        } _: { relay in
            let host = try relay.connect()
            host.send(#"{"type":"create","clientId":"h","maxClients":3,"hold":7,"v":3,"url":"https://x/{room}"}"#)
            let created = try host.text()
            let code = try #require(created.firstMatch(of: /"room":"(\w{6})"/)).output.1
            let url = #""url":"https://x/\#(code)""#
            #expect(
                created == #"{"type":"created","room":"\#(code)","instance":"d891","region":"fra","index":0,"#
                    + url + #","maxClients":3,"hold":7}"#)
            let (guest, _) = try relay.join(String(code), as: "a")
            guest.socket.reset()
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            try host.expect(#"{"type":"peer_left","index":1,"reason":"lost","held":true}"#)
            let (_, joined) = try relay.join(String(code), as: "b", fields: #","v":3"#)
            #expect(
                joined == #"{"type":"joined","room":"\#(code)","index":2,"peers":[0],"# + url
                    + #","instance":"d891","region":"fra","maxClients":3,"hold":7,"away":[1]}"#)
        }
    }

    @Test(
        "it is asked for by a version of 3 or more, however that is written",
        arguments: [
            ("3", true), ("3.0", true), ("30e-1", true), ("4", true), ("2", false), (#""3""#, false), ("null", false),
        ])
    func versions(version: String, isAsked: Bool) async throws {
        try await withRelay { relay in
            let client = try relay.connect()
            client.send(#"{"type":"create","clientId":"h","maxClients":2,"v":\#(version)}"#)
            #expect(try client.text().contains("maxClients") == isAsked)
            client.send("{")
            #expect(try client.text().contains(#""code":"invalid_json""#) == isAsked)
        }
    }

    @Test("it holds for the answer to the message that asks, and from then on for the connection", arguments: [1, 4])
    func lasts(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let client = try relay.connect()
            client.send("{")
            try client.expect(#"{"type":"error","message":"Invalid JSON"}"#)
            client.send(#"{"type":"join","clientId":"c","room":"111111","v":3}"#)
            try client.expect(#"{"type":"error","message":"Room not found","code":"room_not_found"}"#)
            client.send(#"{"type":"create","clientId":"c"}"#)
            try client.expect(
                #"{"type":"error","message":"maxClients must be a positive number","code":"max_clients_invalid"}"#)
            client.send(#"{"type":"create","clientId":"c","maxClients":2}"#)
            #expect(try client.text().hasSuffix(#""maxClients":2,"hold":0}"#))
        }
    }

    @Test("an error that passes by itself says when to try again", arguments: [1, 4])
    func retryAfter(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 1, maxClients: 1)
            let client = try relay.connect()
            client.send(#"{"type":"join","clientId":"c","room":"\#(room.code)","v":3}"#)
            try client.expect(#"{"type":"error","message":"Room is full","code":"room_full","retryAfter":5}"#)
            relay.engine.beginDrain()
            client.send(#"{"type":"create","clientId":"c","maxClients":2}"#)
            try client.expect(
                #"{"type":"error","message":"Server draining","code":"server_draining","retryAfter":1}"#)
        }
    }

    @Test(
        "the relay draws an id for a client that asks without one, and says it to that client alone", arguments: [1, 4])
    func drawnIDs(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let host = try relay.connect()
            host.send(#"{"type":"create","maxClients":4,"v":3}"#)
            let created = try host.text()
            let code = String(try #require(created.firstMatch(of: /"room":"(\w{6})"/)).output.1)
            let guests = [try relay.connect(), try relay.connect()]
            let ids =
                try zip(guests, ["", #""clientId":null,"#]).map { guest, field in
                    guest.send(#"{"type":"join",\#(field)"room":"\#(code)","v":3}"#)
                    let id = try #require(
                        try guest.text().firstMatch(of: /"hold":0,"clientId":"([0-9a-f]{32})","away":\[/))
                    return String(id.output.1)
                } + [String(try #require(created.firstMatch(of: /,"clientId":"([0-9a-f]{32})"\}/)).output.1)]
            #expect(Set(ids).count == 3)
            for slot in [1, 2] { try host.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
            withExtendedLifetime(guests) {}
            // It gets the slot back, and is not said again.
            let (_, back) = try relay.join(code, as: ids[1], fields: #","v":3"#)
            #expect(back.contains(#""index":2,"#) && !back.contains("clientId"))
        }
    }

    @Test(
        "who does not ask must name its id, and an empty one is none for anybody",
        arguments: ["", #","clientId":null"#, #","clientId":"","v":3"#, #","clientId":7,"v":3"#, #","v":2"#])
    func idRequired(fields: String) async throws {
        try await withRelay { relay in
            let client = try relay.connect()
            client.send(#"{"type":"create","maxClients":4\#(fields)}"#)
            #expect(try client.text().contains(#""message":"clientId is required""#))
        }
    }

    // MARK: The others

    /// A room whose second guest asks for more, and whose first does not.
    private func mixedRoom(_ relay: RunningRelay) throws -> (TestRoom, plain: TestClient, asking: TestClient) {
        var room = try relay.room(members: 2)
        let (asking, answer) = try relay.join(room.code, as: "client-2", fields: #","v":3"#)
        #expect(answer.contains(#""peers":[0,1]"#))
        for member in room.members { try member.expect(#"{"type":"peer_joined","index":2}"#) }
        room.members.append(asking)
        return (room, room.members[1], asking)
    }

    @Test("who asks hears why a member has left", arguments: ["left", "closed", "going away", "lost"])
    func reasons(way: String) async throws {
        try await withRelay(loops: 2) { relay in
            let (room, plain, asking) = try mixedRoom(relay)
            let (guest, _) = try relay.join(room.code, as: "client-3")
            for member in room.members { try member.expect(#"{"type":"peer_joined","index":3}"#) }
            switch way {
            case "left": guest.send(#"{"type":"leave"}"#)
            case "closed": guest.leave(code: 1_000)
            case "going away": guest.leave(code: 1_001)
            default: guest.socket.reset()
            }
            let reason = way == "going away" ? "closed" : way
            try asking.expect(#"{"type":"peer_left","index":3,"reason":"\#(reason)"}"#)
            try plain.expect(#"{"type":"peer_left","index":3}"#)
        }
    }

    @Test("who asks hears that a slot is back, and that a connection was replaced; others hear what they always did")
    func returns() async throws {
        try await withRelay(loops: 2) { relay in
            let (room, plain, asking) = try mixedRoom(relay)
            let (host, answer) = try relay.join(room.code, as: "client-0")
            #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":0,"peers":[1,2]}"#)
            try room.host.expectClose(4000, "replaced")
            try asking.expect(#"{"type":"peer_replaced","index":0}"#)
            try plain.expectNothing()
            plain.socket.reset()
            try host.expect(#"{"type":"peer_left","index":1}"#)
            try asking.expect(#"{"type":"peer_left","index":1,"reason":"lost"}"#)
            let (back, _) = try relay.join(room.code, as: "client-1")
            try asking.expect(#"{"type":"peer_joined","index":1,"back":true}"#)
            // To itself nothing is said of it.
            try back.expectNothing()
        }
    }
}
