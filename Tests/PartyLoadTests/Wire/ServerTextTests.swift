import RelayCore
import Testing

@testable import party_load

/// Most texts come from the relay's own writer.
@Suite("The first bytes of a server's text")
struct ServerTextTests {
    private static func room() throws -> RoomCode { try #require(RoomCode(number: 12_345)) }

    @Test("the sender of a message is found, whatever its slot and data", arguments: [0, 1, 9, 10, 199, 9_999])
    func message(sender: Int) {
        for data in [#""xxxx""#, "1", #"{"from":7}"#] {
            let bytes = Array(#"{"type":"message","from":\#(sender),"data":\#(data)}"#.utf8)
            let text = ServerText(bytes.span, in: 0..<bytes.count)
            #expect(text.kind == .message)
            #expect(text.slot == sender)
        }
    }

    @Test("created and joined give the room's code, joined also the slot", arguments: [0, 7, 12, 345])
    func entry(slot: Int) throws {
        var created = Array("in front".utf8)
        let room = try Self.room()
        ServerMessage.appendCreated(
            to: &created, room: room, machine: MachineLabels(instance: nil, region: ""), url: nil, terms: nil)
        let host = ServerText(created.span, in: 8..<created.count)
        #expect(host.kind == .created)
        #expect(host.slot == 0)
        var code: [UInt8] = []
        room.append(to: &code)
        #expect(Array(created[host.code]) == code)

        var joined: [UInt8] = []
        let peers = [Slot(3)]
        ServerMessage.appendJoined(to: &joined, room: room, slot: Slot(slot), peers: peers, url: nil, more: nil)
        let guest = ServerText(joined.span, in: 0..<joined.count)
        #expect(guest.kind == .joined)
        #expect(guest.slot == slot)
        #expect(Array(joined[guest.code]) == code)
    }

    @Test("the kind of every other text is recognized")
    func others() {
        func kind(_ write: (inout [UInt8]) -> Void) -> ServerText.Kind {
            var bytes: [UInt8] = []
            write(&bytes)
            return ServerText(bytes.span, in: 0..<bytes.count).kind
        }
        let data = Array("1".utf8)
        #expect(kind { ServerMessage.appendPeerJoined(to: &$0, slot: Slot(1)) } == .peer)
        #expect(kind { ServerMessage.appendPeerLeft(to: &$0, slot: Slot(1)) } == .peer)
        #expect(kind { ServerMessage.appendState(to: &$0, data: data.span) } == .state)
        #expect(kind { ServerMessage.appendError(to: &$0, .roomNotFound) } == .error)
    }

    @Test("an error's text is shown without control characters, and otherwise as it is")
    func message() {
        func shown(_ message: String) -> String {
            let bytes = Array(#"{"type":"error","message":"\#(message)"}"#.utf8)
            let text = ServerText(bytes.span, in: 0..<bytes.count)
            #expect(text.kind == .error)
            return text.message(in: bytes.span)
        }
        #expect(shown("Server is full") == "Server is full")
        #expect(shown("Größe ≥ 9 🎲 ~\u{A0}") == "Größe ≥ 9 🎲 ~\u{A0}")
        #expect(shown("\u{1B}[2J\r\n\u{9B}31m\0x") == "?[2J???31m?x")
        for value in Array(0..<0x20) + Array(0x7F..<0xA0) {
            let control = Character(Unicode.Scalar(UInt8(value)))
            #expect(shown("a\(control)b") == "a?b")
        }
    }

    @Test(
        "a text outside the protocol is unknown",
        arguments: [
            "", "{", "[1,2,3,4,5,6,7,8,9,10]", #"{"type":"what"}"#, #"{"type": "message","from":1}"#,
            #"{"type":"created""#, #"{"type":"created","room":"never ends"#, #"{"type":"joined","room":"","index":1}"#,
        ])
    func unknown(text: String) {
        let bytes = Array(text.utf8)
        #expect(ServerText(bytes.span, in: 0..<bytes.count).kind == .unknown)
    }
}
