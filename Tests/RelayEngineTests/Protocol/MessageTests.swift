import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Messages over the wire", .blocking)
struct MessageTests {
    static let loopCounts = [1, 2, 4]

    @Test("the creator is told the code, the machine, the region and its slot", arguments: loopCounts)
    func created(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.identity.instance = InstanceID("m-1")
            $0.regionLabel = "fra"
        } _: { relay in
            let host = try relay.connect()
            host.send(#"{"type":"create","clientId":"h","maxClients":4}"#)
            let message = try host.text()
            let code = String(message.dropFirst(26).prefix(6))
            #expect(RoomCode(code) != nil)
            #expect(message == #"{"type":"created","room":"\#(code)","instance":"m-1","region":"fra","index":0}"#)
        }
    }

    @Test("without an id and a region both are empty in created")
    func createdWithoutIdentity() async throws {
        try await withRelay { relay in
            let host = try relay.connect()
            host.send(#"{"maxClients":1,"clientId":"h","type":"create"}"#)
            let message = try host.text()
            #expect(message.hasSuffix(#"","instance":"","region":"","index":0}"#))
        }
    }

    @Test(
        "a client that joins is told its slot and its peers, and the others are told that it joined",
        arguments: loopCounts)
    func joined(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 3)
            let guest = try relay.connect("/\(room.code)")
            try guest.join(room.code, clientID: "client-3")
            try guest.expect(#"{"type":"joined","room":"\#(room.code)","index":3,"peers":[0,1,2]}"#)
            for member in room.members { try member.expect(#"{"type":"peer_joined","index":3}"#) }
        }
    }

    @Test("placeholders of the url are filled in, for the creator and for all who join")
    func url() async throws {
        try await withRelay {
            $0.identity.instance = InstanceID("m-1")
        } _: { relay in
            let host = try relay.connect()
            host.send(
                #"{"type":"create","clientId":"h","maxClients":4,"url":"https://x.test/{room}?i={instance}&r={room}"}"#)
            let created = try host.text()
            let code = String(created.dropFirst(26).prefix(6))
            let url = "https://x.test/\(code)?i=m-1&r=\(code)"
            #expect(
                created
                    == #"{"type":"created","room":"\#(code)","instance":"m-1","region":"","index":0,"url":"\#(url)"}"#)
            let guest = try relay.connect()
            try guest.join(code, clientID: "client-1")
            try guest.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0],"url":"\#(url)"}"#)
        }
    }

    @Test("a message goes to every other member, and not to its sender", arguments: loopCounts)
    func broadcast(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 4)
            room.members[2].send(#"{"type":"send","data":{"x":1}}"#)
            for slot in [0, 1, 3] {
                try room.members[slot].expect(#"{"type":"message","from":2,"data":{"x":1}}"#)
            }
            try room.members[2].expectNothing()
        }
    }

    @Test(
        "a message with `to` goes to that slot alone, however the number is written",
        arguments: ["1", "1.0", "1e0", "10e-1", "0.1E+1"])
    func targeted(to: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 3)
            room.members[2].send(#"{"type":"send","to":\#(to),"data":"psst"}"#)
            try room.members[1].expect(#"{"type":"message","from":2,"data":"psst"}"#)
            for member in room.members { try member.expectNothing() }
        }
    }

    @Test(
        "data is relayed byte for byte",
        arguments: [
            "9007199254740993", "123456789012345678901234567890", "1.0", "-0", "1e400", "null", "true", "[]", "{}",
            #"{"b":1,"a":2,"b":3}"#, "{ \"a\" :\t[ 1 ,\r\n 2 ] }", #""\u0061\/\u00e9 é \ud83d\ude00 😀""#,
            String(repeating: "[", count: 100) + String(repeating: "]", count: 100), #""\ud800""#,
        ])
    func verbatim(data: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            room.host.send(#"{"type":"send", "data" :  \#(data)  }"#)
            try room.members[1].expect(#"{"type":"message","from":0,"data":\#(data)}"#)
            room.host.send(#"{"data":\#(data),"type":"set_state"}"#)
            try room.members[1].expect(#"{"type":"state","data":\#(data)}"#)
        }
    }

    @Test(
        "the fields of a message are found however its JSON is written",
        arguments: [
            (#"{"type":"send"}"#, ""),
            (#" {"type" : "send" , "more":[{"data":1}]}"#, ""),
            (#"{"\u0074ype":"\u0073end","d\u0061ta":1}"#, #","data":1"#),
            (#"{"type":"nope","data":1,"type":"send","data":2}"#, #","data":2"#),
            (#"{"data":"first","to":7,"type":"send","to":1}"#, #","data":"first""#),
        ])
    func writtenOtherwise(message: String, field: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            room.host.send(message)
            try room.members[1].expect(#"{"type":"message","from":0\#(field)}"#)
        }
    }

    @Test("a binary message is read like text, and relayed as text")
    func binary() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            room.host.send(.binary, Array(#"{"type":"send","data":"ü"}"#.utf8))
            try room.members[1].expect(#"{"type":"message","from":0,"data":"ü"}"#)
            room.host.send(.binary, [0xFF, 0xFE])
            try room.host.expect(#"{"type":"error","message":"Invalid JSON"}"#)
        }
    }

    @Test(
        "the state is pushed to the others, and the last one is replayed to everybody who joins", arguments: loopCounts)
    func state(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 2)
            room.host.send(#"{"type":"set_state","data":{"round": 1}}"#)
            room.host.send(#"{"type":"set_state","data":{"round": 2}}"#)
            try room.members[1].expect(#"{"type":"state","data":{"round": 1}}"#)
            try room.members[1].expect(#"{"type":"state","data":{"round": 2}}"#)
            try room.host.expectNothing()

            let guest = try relay.connect()
            try guest.join(room.code, clientID: "client-2")
            try guest.expect(#"{"type":"joined","room":"\#(room.code)","index":2,"peers":[0,1]}"#)
            try guest.expect(#"{"type":"state","data":{"round": 2}}"#)
            let again = try relay.connect()
            try again.join(room.code, clientID: "client-1")
            try again.expect(#"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0,2]}"#)
            try again.expect(#"{"type":"state","data":{"round": 2}}"#)
        }
    }

    @Test("a state of 16,384 bytes is kept, and null is a state")
    func largestState() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let data = "\"" + String(repeating: "é", count: 8_191) + "\""
            room.host.send(#"{"type":"set_state","data":  \#(data)  }"#)
            try room.members[1].expect(#"{"type":"state","data":\#(data)}"#)
            room.host.send(#"{"type":"set_state","data":null}"#)
            try room.members[1].expect(#"{"type":"state","data":null}"#)
            let guest = try relay.connect()
            try guest.join(room.code, clientID: "client-2")
            _ = try guest.text()
            try guest.expect(#"{"type":"state","data":null}"#)
        }
    }
}
