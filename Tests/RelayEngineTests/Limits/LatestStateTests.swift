import RelayEngine
import RelayWire
import TestSupport
import Testing

@Suite("State for slow readers", .blocking)
struct LatestStateTests {
    private static func setState(_ number: Int, length: Int = 2_000) -> [UInt8] {
        let filler = String(repeating: "x", count: length)
        return TestClient.frame(#"{"type":"set_state","data":{"n":\#(number),"x":"\#(filler)"}}"#)
    }

    private static func send(_ number: Int) -> [UInt8] { TestClient.frame(#"{"type":"send","data":\#(number)}"#) }

    /// What a reader hears, until a last message.
    private struct Heard {
        var states: [Int] = []
        var messages: [Int] = []
        /// True if each message came behind a state that was at least as new as its own.
        var isInOrder = true

        /// - Parameter until: the last message.
        init(_ client: TestClient, until last: Int) throws {
            while messages.last != last {
                let text = try client.text("a state or a message")
                if let state = text.wholeMatch(of: /\{"type":"state","data":\{"n":(\d+),"x":"x+"\}\}/) {
                    states.append(try #require(Int(state.output.1)))
                } else {
                    let message = try #require(text.wholeMatch(of: /\{"type":"message","from":0,"data":(\d+)\}/))
                    let number = try #require(Int(message.output.1))
                    messages.append(number)
                    if states.last ?? -1 < number { isInOrder = false }
                }
            }
        }
    }

    /// A room whose host writes states and messages while its guest reads nothing.
    private static func play(
        _ variant: EngineVariant, version: String, states: Int, length: Int = 2_000, messageEvery step: Int,
        maxQueuedBytes: Int,
        _ body: (RunningRelay, TestClient) throws -> Void
    ) async throws {
        try await withRelay(variant) {
            $0.transport.messagesPerSecond = 0
            $0.transport.maxQueuedBytes = maxQueuedBytes
        } _: { relay in
            let room = try relay.room(members: 1)
            let reader = try relay.connect(receiveBuffer: 8 << 10)
            reader.send(#"{"type":"join","clientId":"r","room":"\#(room.code)"\#(version)}"#)
            #expect(try reader.text().hasPrefix(#"{"type":"joined""#))
            try room.host.expect(#"{"type":"peer_joined","index":1}"#)
            for number in 0..<states {
                room.host.write(Self.setState(number, length: length))
                if number % step == 0 { room.host.write(Self.send(number)) }
            }
            room.host.write(Self.send(states - 1))
            // All of it has been handled.
            room.host.sits(at: 0)
            try room.host.expectNothing()
            try body(relay, reader)
        }
    }

    @Test(
        "who asked for it gets few states, the latest among them, and every message behind a state as new as itself",
        arguments: EngineVariant.all(loops: [1, 2]), [(2_000, 5_000), (16_360, 1_000)])
    func latest(variant: EngineVariant, states: (length: Int, count: Int)) async throws {
        // Many times what may be queued for a reader, and more than the kernel takes; the longest are large frames.
        try await Self.play(
            variant, version: #","v":3"#, states: states.count, length: states.length, messageEvery: 10,
            maxQueuedBytes: 1 << 20
        ) { relay, reader in
            #expect(relay.engine.statistics().queuedBytes < 100_000)
            let last = states.count - 1
            let heard = try Heard(reader, until: last)
            #expect(heard.messages == Array(stride(from: 0, to: states.count, by: 10)) + [last])
            #expect(heard.states.last == last)
            #expect(heard.states == heard.states.sorted() && Set(heard.states).count == heard.states.count)
            #expect(heard.isInOrder)
            // The kernel took some before it took no more.
            #expect(heard.states.count < states.count / 2)
            #expect(relay.timesExceeded(.queuedBytes) == 0)
            let statistics = relay.engine.statistics()
            #expect(statistics.queuedBytes == 0 && statistics.closes.values.allSatisfy { $0 == 0 })
        }
    }

    @Test("who did not ask gets every state, in order", arguments: EngineVariant.all(loops: [1]))
    func all(variant: EngineVariant) async throws {
        try await Self.play(variant, version: "", states: 1_500, messageEvery: 10, maxQueuedBytes: 0) {
            _, reader in
            let heard = try Heard(reader, until: 1_499)
            #expect(heard.states == Array(0..<1_500))
            #expect(heard.messages == Array(stride(from: 0, to: 1_500, by: 10)) + [1_499])
            #expect(heard.isInOrder)
        }
    }

    @Test("a state that is replaced counts as no delivery")
    func deliveries() async throws {
        try await Self.play(
            EngineVariant(loops: 1, ioUring: .wanted), version: #","v":3"#, states: 2_000, messageEvery: 2_000,
            maxQueuedBytes: 1 << 20
        ) { relay, reader in
            let heard = try Heard(reader, until: 1_999)
            // Created, joined, peer_joined, and what the host has sent to itself.
            #expect(relay.engine.statistics().deliveries == heard.states.count + heard.messages.count + 4)
        }
    }

    @Test("a reader that asked is closed for its messages, as ever, and with its latest state unread")
    func closed() async throws {
        try await withRelay {
            $0.transport.messagesPerSecond = 0
            $0.transport.maxQueuedBytes = 1 << 20
        } _: { relay in
            let room = try relay.room(members: 1)
            let reader = try relay.connect(receiveBuffer: 8 << 10)
            reader.send(#"{"type":"join","clientId":"r","room":"\#(room.code)","v":3}"#)
            try room.host.expect(#"{"type":"peer_joined","index":1}"#)
            let data = String(repeating: "x", count: 10_000)
            for number in 0..<1_000 {
                room.host.write(Self.setState(number))
                room.host.send(#"{"type":"send","data":"\#(data)"}"#)
            }
            #expect(try room.host.hearMessage("the reader's end") == .text(#"{"type":"peer_left","index":1}"#))
            #expect(relay.timesExceeded(.queuedBytes) == 1)
            var heard = try reader.hearMessage()
            while case .text = heard { heard = try reader.hearMessage() }
            #expect(heard == .close(4008, "too slow"))
        }
    }

    @Test("in a room that goes to another machine, the latest state is delivered, and then the news of that")
    func handedOver() async throws {
        try await TwoMachines.run(configureOld: { $0.transport.messagesPerSecond = 0 }) { machines in
            let room = try machines.old.room(members: 1)
            let reader = try machines.old.connect(receiveBuffer: 8 << 10)
            reader.send(#"{"type":"join","clientId":"r","room":"\#(room.code)","v":3}"#)
            #expect(try reader.text().hasPrefix(#"{"type":"joined""#))
            for number in 0..<2_000 { room.host.write(Self.setState(number)) }
            room.host.write(Self.send(1_999))
            _ = await machines.handOver()
            let heard = try Heard(reader, until: 1_999)
            #expect(heard.states.last == 1_999 && heard.states.count < 1_000)
            try Answer.expectMoved(reader, asksForMore: true)
            let (_, answer) = try machines.new.join(room.code, as: "r")
            #expect(answer.contains(#""index":1"#))
        }
    }
}
