internal import RelayCore
internal import Testing

@Suite("Server messages")
struct ServerMessageTests {
    private let room = RoomCode("111112")

    private func text(_ append: (inout [UInt8]) -> Void) -> String {
        // What is there already stays.
        var bytes = Array("<".utf8)
        append(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("created has the room, the instance, the region, index 0 and, last, the url")
    func created() throws {
        let room = try #require(room)
        let instance = try #require(InstanceID("d891-a"))
        #expect(
            text {
                ServerMessage.appendCreated(
                    to: &$0, room: room, machine: MachineLabels(instance: instance, region: "fra"), url: nil, terms: nil
                )
            }
                == #"<{"type":"created","room":"111112","instance":"d891-a","region":"fra","index":0}"#)
        #expect(
            text {
                ServerMessage.appendCreated(
                    to: &$0, room: room, machine: MachineLabels(instance: nil, region: #"a"b"#), url: "https://x/?a",
                    terms: nil)
            }
                == #"<{"type":"created","room":"111112","instance":"","region":"a\"b","index":0,"url":"https://x/?a"}"#)
    }

    @Test("joined has the room, the slot, the peers and, last, the url")
    func joined() throws {
        let room = try #require(room)
        #expect(
            text { ServerMessage.appendJoined(to: &$0, room: room, slot: Slot(12), peers: [], url: nil, more: nil) }
                == #"<{"type":"joined","room":"111112","index":12,"peers":[]}"#)
        let peers = [Slot(0), Slot(3), Slot(107)]
        #expect(
            text {
                ServerMessage.appendJoined(
                    to: &$0, room: room, slot: Slot(1), peers: peers, url: "https://x/", more: nil)
            }
                == #"<{"type":"joined","room":"111112","index":1,"peers":[0,3,107],"url":"https://x/"}"#)
    }

    @Test("data is forwarded unchanged")
    func data() {
        let data = Array(#"{ "n":9007199254740993 ,"n":1.0}"#.utf8)
        #expect(
            text { ServerMessage.appendState(to: &$0, data: data.span) }
                == #"<{"type":"state","data":{ "n":9007199254740993 ,"n":1.0}}"#)
        #expect(
            relayed(from: 2, data)
                == #"{"type":"message","from":2,"data":{ "n":9007199254740993 ,"n":1.0}}"#)
        #expect(relayed(from: 10, nil) == #"{"type":"message","from":10}"#)
    }

    /// Between two bytes that must stay as they are.
    private func relayed(from slot: Int, _ data: [UInt8]?) -> String {
        let length = RelayedMessage.length(from: Slot(slot), dataLength: data?.count)
        var bytes = [UInt8](repeating: 0xEE, count: length + 2)
        var span = bytes.mutableSpan
        // Every bit pattern is a valid byte.
        var raw = unsafe span.mutableBytes
        if let data {
            RelayedMessage.write(from: Slot(slot), data: data.span, to: &raw, at: 1)
        } else {
            RelayedMessage.write(from: Slot(slot), data: nil, to: &raw, at: 1)
        }
        #expect(bytes.first == 0xEE && bytes.last == 0xEE)
        return String(decoding: bytes[1...length], as: UTF8.self)
    }

    @Test("a relayed message is as long as it was measured", arguments: [0, 9, 10, 99, 100, 4_095, 65_535, 1_000_000])
    func relayedLength(slot: Int) {
        for length in [1, 2, 7, 8, 9, 125, 126, 70_000] {
            let data = String(repeating: "1", count: length)
            #expect(relayed(from: slot, Array(data.utf8)) == #"{"type":"message","from":\#(slot),"data":\#(data)}"#)
        }
    }

    @Test("peer_joined and peer_left name the slot")
    func peers() {
        #expect(
            text { ServerMessage.appendPeerJoined(to: &$0, slot: Slot(0)) } == #"<{"type":"peer_joined","index":0}"#)
        #expect(
            text { ServerMessage.appendPeerLeft(to: &$0, slot: Slot(1_234_567_890)) }
                == #"<{"type":"peer_left","index":1234567890}"#)
    }

    @Test("an error has its text, in which the client's own words are escaped")
    func error() {
        #expect(
            text { ServerMessage.appendError(to: &$0, .roomFull) } == #"<{"type":"error","message":"Room is full"}"#)
        #expect(
            text { ServerMessage.appendError(to: &$0, .unknownURLPlaceholder(#"a"\"#)) }
                == #"<{"type":"error","message":"Unknown url placeholder: {a\"\\}"}"#)
    }

    @Test(
        "strings are escaped like in JavaScript",
        arguments: [
            ("", #""""#), (#"a"b\c/d"#, #""a\"b\\c/d""#), ("\u{8}\u{C}\n\r\t", #""\b\f\n\r\t""#),
            ("\0\u{1}\u{B}\u{F}\u{10}\u{1F}\u{7F}", #""\u0000\u0001\u000b\u000f\u0010\u001f"# + "\u{7F}\""),
            ("é漢😀\u{2028}<>&'", "\"é漢😀\u{2028}<>&'\""),
        ])
    func strings(plain: String, quoted: String) {
        #expect(text { JSONText.appendString(plain, to: &$0) } == "<" + quoted)
    }

    @Test("integers are written in decimal", arguments: [0, 9, 10, 99, 100, 4096, Int.max])
    func integers(_ value: Int) {
        #expect(text { JSONText.appendInteger(value, to: &$0) } == "<\(value)")
    }
}
