import RelayEngine
import RelayWire
import Testing

@Suite("Slow readers and full buffers", .blocking)
struct SlowReaderTests {
    private static func message(_ number: Int, size: Int) -> String {
        "{\"n\":\(number),\"x\":\"" + String(repeating: "x", count: size) + "\"}"
    }

    /// Sends to the room until its member in slot 1 has been closed; the others read along.
    ///
    /// - Parameter slot: the only slot to send to; nil for all.
    /// - Returns: the number of messages sent.
    private func overwhelm(_ room: TestRoom, size: Int, to slot: Int? = nil) throws -> Int {
        let recipient = slot.map { #""to":\#($0),"# } ?? ""
        let batch = max(64_000 / size, 1)
        for start in stride(from: 0, to: (256 << 20) / size, by: batch) {
            // In one write, so that the relay finds more messages behind the one that exceeds the limit.
            var bytes: [UInt8] = []
            for number in start..<start + batch {
                bytes += TestClient.frame(
                    #"{"type":"send",\#(recipient)"data":\#(Self.message(number, size: size))}"#)
            }
            room.host.write(bytes + TestClient.frame(#"{"type":"send","to":0,"data":\#(start)}"#))
            for member in room.members.dropFirst(2) where slot == nil {
                for number in start..<start + batch { try expectMessage(number, size: size, at: member) }
            }
            let heard = try room.host.text()
            if heard == #"{"type":"peer_left","index":1}"# {
                var next = try room.host.text()
                // The other messages to this slot alone have no receiver any more.
                while slot != nil, next == #"{"type":"error","message":"Target peer not found"}"# {
                    next = try room.host.text()
                }
                #expect(next == #"{"type":"message","from":0,"data":\#(start)}"#)
                return start + batch
            }
            if heard != #"{"type":"message","from":0,"data":\#(start)}"# {
                throw Unexpected(heard: .text("\(heard.prefix(100))"), insteadOf: "the host's echo")
            }
        }
        throw Unexpected(heard: .end, insteadOf: "peer_left of the slow reader")
    }

    /// Reads a message that was sent to all; the slow reader's `peer_left` may come between them.
    private func expectMessage(_ number: Int, size: Int, at member: TestClient) throws {
        var heard = try member.text()
        if heard == #"{"type":"peer_left","index":1}"# { heard = try member.text() }
        guard heard == #"{"type":"message","from":0,"data":\#(Self.message(number, size: size))}"# else {
            throw Unexpected(heard: .text("\(heard.prefix(100))"), insteadOf: "message \(number)")
        }
    }

    /// Reads what a slow reader still gets: the first messages without a gap, and then the close frame.
    private func expectPrefix(_ reader: TestClient, sent: Int, size: Int) throws {
        for number in 0..<sent {
            switch try reader.hearMessage() {
            case .text(let text):
                guard text == #"{"type":"message","from":0,"data":\#(Self.message(number, size: size))}"# else {
                    throw Unexpected(heard: .text("\(text.prefix(100))"), insteadOf: "message \(number)")
                }
            case let heard:
                #expect(heard == .close(4008, "too slow"))
                return try reader.expectEnd()
            }
        }
        Issue.record("the slow reader got everything, so nothing was tested")
    }

    @Test(
        "a reader that is too slow is closed with 4008 after an intact prefix, and the others miss nothing",
        arguments: [1_000, 100_000], EngineVariant.all(loops: [1, 2]))
    func slowReader(size: Int, variant: EngineVariant) async throws {
        try await withRelay(variant) {
            $0.transport.maxQueuedBytes = 256 << 10
            $0.transport.messagesPerSecond = 0
        } _: { relay in
            var room = try relay.room(members: 1)
            try room.add(try relay.connect(receiveBuffer: 64 << 10))
            try room.add(try relay.connect())
            let sent = try overwhelm(room, size: size)
            #expect(relay.timesExceeded(.queuedBytes) == 1)
            #expect(relay.timesExceeded(.bufferedBytes) == 0)
            try expectPrefix(room.members[1], sent: sent, size: size)
        }
    }

    @Test(
        "when the process holds too many bytes, the slowest reader is closed first",
        arguments: EngineVariant.all(loops: [1, 2]))
    func bufferedOutput(variant: EngineVariant) async throws {
        try await withRelay(variant) {
            $0.transport.maxQueuedBytes = 0
            $0.transport.maxBufferedBytes = 1 << 20
            $0.transport.messagesPerSecond = 0
        } _: { relay in
            var room = try relay.room(members: 1)
            try room.add(try relay.connect(receiveBuffer: 64 << 10))
            try room.add(try relay.connect())
            let sent = try overwhelm(room, size: 10_000, to: 1)
            #expect(relay.timesExceeded(.bufferedBytes) == 1)
            #expect(relay.timesExceeded(.queuedBytes) == 0)
            try expectPrefix(room.members[1], sent: sent, size: 10_000)
            try room.members[2].expect(#"{"type":"peer_left","index":1}"#)
            room.members[2].sits(at: 2)
            try room.members[2].expectNothing()
        }
    }

    @Test(
        "when the process holds too many bytes of incomplete messages, the largest sender is closed first",
        arguments: [false, true])
    func bufferedInput(isFragmented: Bool) async throws {
        try await withRelay {
            $0.transport.maxBufferedBytes = 1 << 20
        } _: { relay in
            let room = try relay.room(members: 3)
            let small = TestClient.frame(#"{"type":"send","to":2,"data":1}"#)
            room.members[2].write(Array(small.prefix(10)))
            let large = [UInt8](repeating: 0x20, count: 1_500_000)
            if isFragmented {
                for start in stride(from: 0, to: large.count, by: 100_000) {
                    room.members[1].send(
                        start == 0 ? .text : .continuation, Array(large[start..<start + 100_000]), isFinal: false)
                }
            } else {
                room.members[1].write(Array(TestClient.frame(.text, large).dropLast()))
            }
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            try room.members[1].expectClose(1009, "server is out of buffer space")
            #expect(relay.timesExceeded(.bufferedBytes) == 1)
            room.members[2].write(Array(small.dropFirst(10)))
            try room.members[2].expect(#"{"type":"peer_left","index":1}"#)
            try room.members[2].expect(#"{"type":"message","from":2,"data":1}"#)
        }
    }

    @Test(
        "when many readers are slow they are closed, and a member of another room that holds little stays",
        arguments: EngineVariant.all())
    func manySlowReaders(variant: EngineVariant) async throws {
        try await withRelay(variant) {
            $0.transport.maxQueuedBytes = 0
            $0.transport.maxBufferedBytes = 1 << 20
            $0.transport.messagesPerSecond = 0
        } _: { relay in
            var room = try relay.room(members: 1)
            for _ in 0..<6 { try room.add(try relay.connect(receiveBuffer: 16 << 10)) }
            let others = try (0..<20).map { _ in try relay.room(members: 1) }
            let own = TestClient.frame(#"{"type":"send","to":0,"data":1}"#)
            let begun = ContinuousClock.now
            for other in others { other.host.write(Array(own.prefix(10))) }

            let message = TestClient.frame(#"{"type":"send","data":\#(Self.message(0, size: 10_000))}"#)
            let burst = (0..<10).flatMap { _ in message } + own
            var isGone = Set<String>()
            for _ in 0..<2_000 where isGone.count < 6 {
                room.host.write(burst)
                var heard = try room.host.text()
                while heard.hasPrefix(#"{"type":"peer_left","#) {
                    isGone.insert(heard)
                    heard = try room.host.text()
                }
                #expect(heard == #"{"type":"message","from":0,"data":1}"#)
            }
            #expect(isGone.count == 6)
            for member in room.members.dropFirst() {
                var heard = try member.hearMessage()
                while case .text = heard { heard = try member.hearMessage() }
                #expect(heard == .close(4008, "too slow"))
            }
            // What is begun and not continued for a second goes, too: a machine so busy tells nothing of the others.
            guard ContinuousClock.now - begun < .milliseconds(900) else { return }
            for other in others {
                other.host.write(Array(own.dropFirst(10)))
                try other.host.expect(#"{"type":"message","from":0,"data":1}"#)
            }
        }
    }

    @Test("a client that has begun a message no longer holds memory for the large one before it")
    func restOfLarge() async throws {
        try await withRelay {
            $0.transport.maxBufferedBytes = 1 << 20
        } _: { relay in
            let clients = try (0..<20).map { _ in try relay.connect() }
            let large = TestClient.frame(#"{"type":"send","data":\#(Self.message(0, size: 200_000))}"#)
            let next = TestClient.frame("next")
            for client in clients {
                client.write(large + next.prefix(1))
                try client.expect(#"{"type":"error","message":"Not in a room"}"#)
            }
            for client in clients {
                client.write(Array(next.dropFirst()))
                try client.expect(#"{"type":"error","message":"Invalid JSON"}"#)
            }
            #expect(relay.timesExceeded(.bufferedBytes) == 0)
        }
    }

    @Test(
        "messages of 2 MiB reach every member, also those that read slowly",
        arguments: EngineVariant.all(loops: [1, 2]))
    func large(variant: EngineVariant) async throws {
        try await withRelay(variant) { relay in
            let room = try relay.room(members: 4)
            room.members[1].socket.chunk = [UInt8](repeating: 0, count: 4_096)
            for letter in ["a", "b", "c"] {
                let envelope = #"{"type":"send","data":""}"#.utf8.count
                let data = String(repeating: letter, count: (2 << 20) - envelope)
                room.host.send(#"{"type":"send","data":"\#(data)"}"#)
                for member in room.members.dropFirst() {
                    let text = try member.hearMessageOfRoom()
                    #expect((text == #"{"type":"message","from":0,"data":"\#(data)"}"#) as Bool)
                }
            }
            #expect(relay.timesExceeded(.queuedBytes) == 0)
            #expect(relay.timesExceeded(.messageBytes) == 0)
            try room.host.expectNothing()
        }
    }
}

extension TestClient {
    /// The next message other than `peer_joined` and `peer_left`.
    fileprivate func hearMessageOfRoom() throws -> String {
        while true {
            let text = try text()
            if !text.hasPrefix(#"{"type":"peer_"#) { return text }
        }
    }
}
