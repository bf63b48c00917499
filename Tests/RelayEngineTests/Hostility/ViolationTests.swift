import RelayEngine
import RelayWire
import Testing

@Suite("Violations of the WebSocket protocol", .blocking)
struct ViolationTests {
    struct Violation: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let code: UInt16

        var testDescription: String { name }
    }

    private static func masked(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [first, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
    }

    private static let violations = [
        Violation(name: "unmasked", bytes: [0x81, 0x02, 0x7B, 0x7D], code: 1002),
        Violation(name: "reserved bit", bytes: masked(0xC1, []), code: 1002),
        Violation(name: "reserved opcode", bytes: masked(0x83, []), code: 1002),
        Violation(name: "reserved control opcode", bytes: masked(0x8B, []), code: 1002),
        Violation(name: "fragmented ping", bytes: masked(0x09, []), code: 1002),
        Violation(name: "long ping", bytes: [0x89, 0xFE, 0x00, 0x7E], code: 1002),
        Violation(name: "continuation of nothing", bytes: masked(0x80, []), code: 1002),
        Violation(name: "message within a message", bytes: masked(0x01, []) + masked(0x81, []), code: 1002),
        Violation(name: "length not in its shortest form", bytes: [0x81, 0xFE, 0x00, 0x01], code: 1002),
        Violation(name: "length beyond 63 bits", bytes: [0x81, 0xFF] + [UInt8](repeating: 0xFF, count: 8), code: 1002),
        Violation(name: "largest length", bytes: [0x81, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 11), code: 1009),
        Violation(name: "no UTF-8", bytes: masked(0x81, [0xC3, 0x28]), code: 1007),
        Violation(name: "surrogate", bytes: masked(0x81, [0xED, 0xA0, 0x80]), code: 1007),
        Violation(name: "half a character", bytes: masked(0x81, [0xE2, 0x82]), code: 1007),
        Violation(name: "no UTF-8 across fragments", bytes: masked(0x01, [0xC3]) + masked(0x80, [0x28]), code: 1007),
        Violation(name: "close code of one byte", bytes: masked(0x88, [0x03]), code: 1002),
        Violation(name: "close code 1005", bytes: masked(0x88, [0x03, 0xED]), code: 1002),
        Violation(name: "close code 5000", bytes: masked(0x88, [0x13, 0x88]), code: 1002),
        Violation(name: "close reason no UTF-8", bytes: masked(0x88, [0x03, 0xE8, 0xFF]), code: 1007),
    ]

    @Test("a violation is closed with its code, and the room is told and plays on", arguments: violations)
    func violation(violation: Violation) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            // A message before it still counts, one behind it does not.
            room.members[1].write(
                TestClient.frame(#"{"type":"send","data":"before"}"#) + violation.bytes
                    + TestClient.frame(#"{"type":"send","data":"behind"}"#))
            try room.host.expect(#"{"type":"message","from":1,"data":"before"}"#)
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            try room.host.expectNothing()
            let heard = try room.members[1].hear()
            guard case .close(let code, let reason) = heard else { throw Unexpected(heard: heard, insteadOf: "close") }
            #expect(code == violation.code)
            #expect(!reason.isEmpty)
            try room.members[1].expectEnd()
        }
    }

    @Test(
        "a close is echoed with the peer's code and reason",
        arguments: [1000, 1001, 1003, 1007, 1011, 3000, 4000, 4999, nil] as [UInt16?])
    func echoedClose(code: UInt16?) async throws {
        try await withRelay { relay in
            let client = try relay.connect()
            client.send(.close, code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] + Array("bye".utf8) } ?? [])
            try client.expectClose(code, code == nil ? "" : "bye")
        }
    }

    @Test("a ping is answered with its payload, also between the fragments of a message")
    func ping() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let message = Array(#"{"type":"send","data":"é😀"}"#.utf8)
            for cut in 1..<message.count {
                let payload = [UInt8](repeating: UInt8(cut), count: cut * 4)
                room.host.send(cut % 2 == 0 ? .text : .binary, Array(message[..<cut]), isFinal: false)
                room.host.send(.ping, payload)
                room.host.send(.continuation, [], isFinal: false)
                room.host.send(.pong, [1, 2, 3])
                room.host.send(.continuation, Array(message[cut...]))
                #expect(try room.host.hear() == .pong(payload))
                try room.members[1].expect(#"{"type":"message","from":0,"data":"é😀"}"#)
            }
        }
    }

    @Test("many messages in one segment and one byte a segment mean the same")
    func segments() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let bytes = (0..<30).flatMap { TestClient.frame(#"{"type":"send","data":\#($0)}"#) }
            room.host.write(bytes)
            for byte in bytes { room.host.write([byte]) }
            for number in 0..<60 { try room.members[1].expect(#"{"type":"message","from":0,"data":\#(number % 30)}"#) }
        }
    }
}
