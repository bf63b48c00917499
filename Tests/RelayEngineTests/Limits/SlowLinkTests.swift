import Glibc
import RelayEngine
import RelayWire
import TestSupport
import Testing

@Suite("Slow links and silence", .blocking)
struct SlowLinkTests {
    @Test(
        "a member that reads a large message steadily, for much longer than it may be silent, keeps its seat",
        arguments: EngineVariant.all(loops: [1, 2]))
    func steadyReader(variant: EngineVariant) async throws {
        try await withRelay(variant) {
            $0.transport.idleTimeout = 2
        } _: { relay in
            var room = try relay.room(members: 1)
            let reader = try relay.connect(receiveBuffer: 8 << 10)
            try room.add(reader)
            let data = String(repeating: "x", count: 1_000_000)
            room.host.send(#"{"type":"send","data":"\#(data)"}"#)
            // So that its parser has nothing to do until all is there.
            reader.socket.chunk = [UInt8](repeating: 0, count: 4_000)
            let expected = #"{"type":"message","from":0,"data":"\#(data)"}"#
            var pauses = 0
            while reader.received.count < expected.utf8.count {
                #expect(try reader.receive("the message"))
                usleep(20_000)
                pauses += 1
                // The host answers its own pings.
                while room.host.socket.hasNews(within: 0) { _ = try room.host.hear() }
            }
            #expect(pauses > 200)
            #expect((try reader.text() == expected) as Bool)
            #expect(relay.engine.statistics().idleDrops == 0)
            while room.host.socket.hasNews(within: 0) { _ = try room.host.hear() }
            reader.sits(at: 1)
            try reader.expectNothing()
        }
    }

    @Test("a member that stops reading, with output waiting for it, is closed with 4008, and its room is told")
    func stoppedReader() async throws {
        try await withRelay {
            $0.transport.idleTimeout = 3
        } _: { relay in
            var room = try relay.room(members: 1)
            let reader = try relay.connect(receiveBuffer: 8 << 10)
            try room.add(reader)
            let data = String(repeating: "x", count: 1_000_000)
            // More than a kernel may keep for a connection that is not read.
            for _ in 0..<4 { room.host.send(#"{"type":"send","data":"\#(data)"}"#) }
            #expect(try room.host.hearMessage("the reader's end") == .text(#"{"type":"peer_left","index":1}"#))
            #expect(relay.engine.statistics().idleDrops == 1)
            #expect(relay.engine.statistics().closes[.tooSlow] == 1)
            var heard = try reader.hearMessage()
            while case .text = heard { heard = try reader.hearMessage() }
            #expect(heard == .close(4008, "too slow"))
        }
    }
}
