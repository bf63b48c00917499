import RelayWire
import Testing

/// One rule: what arrives, and what has to come of it.
struct FrameRule: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let bytes: [UInt8]
    let events: [ObservedFrameEvent]
    var role = EndpointRole.server
    var maxMessageBytes = 0

    init(
        _ description: String, _ bytes: [UInt8], _ events: [ObservedFrameEvent], role: EndpointRole = .server,
        maxMessageBytes: Int = 0
    ) {
        (testDescription, self.bytes, self.events) = (description, bytes, events)
        (self.role, self.maxMessageBytes) = (role, maxMessageBytes)
    }

    init(
        _ description: String, _ frames: [RawFrame], _ events: [ObservedFrameEvent], role: EndpointRole = .server,
        maxMessageBytes: Int = 0
    ) {
        self.init(description, frames.bytes, events, role: role, maxMessageBytes: maxMessageBytes)
    }
}

extension FrameRule {
    static let accepted = [
        FrameRule("no bytes, no events", [UInt8](), []),
        FrameRule("text", [.text("Hello")], [.text("Hello")]),
        FrameRule("empty text", [.text("")], [.text("")]),
        FrameRule("binary need not be UTF-8", [RawFrame(opcode: 2, payload: [0xFF, 0])], [.binary([0xFF, 0])]),
        FrameRule(
            "a client takes unmasked frames", [RawFrame(opcode: 1, payload: [0x61], key: nil)], [.text("a")],
            role: .client),
        FrameRule(
            "126 bytes need the two-byte length", [.text(String(repeating: "x", count: 126))],
            [.text(String(repeating: "x", count: 126))]),
        FrameRule(
            "fragments make one message", [.text("Hä", isFinal: false), .continuation([0x21], isFinal: true)],
            [.text("Hä!")]),
        FrameRule(
            "a character may be cut by fragments",
            [
                RawFrame(opcode: 1, payload: [0xF0, 0x9F], isFinal: false), .continuation([], isFinal: false),
                .continuation([0x8E], isFinal: false), .continuation([0x89], isFinal: true),
            ], [.text("🎉")]),
        FrameRule(
            "fragments of a binary message are binary",
            [
                RawFrame(opcode: 2, payload: [0xFF], isFinal: false), .continuation([0xFE], isFinal: true),
            ], [.binary([0xFF, 0xFE])]),
        FrameRule(
            "empty fragments add nothing",
            [
                .text("", isFinal: false), .continuation([], isFinal: false), .continuation([], isFinal: true),
                .text("next"),
            ], [.text(""), .text("next")]),
        FrameRule(
            "a message may come whole in its last fragment",
            [.text("", isFinal: false), .continuation([0x61], isFinal: true)],
            [.text("a")]),
        FrameRule(
            "control frames come between fragments at once",
            [
                RawFrame(opcode: 1, payload: [0xC3], isFinal: false), RawFrame(opcode: 9, payload: [0xFF]),
                RawFrame(opcode: 10), .continuation([0xA4], isFinal: true),
            ], [.ping([0xFF]), .pong([]), .text("ä")]),
        FrameRule(
            "a control frame of 125 bytes", [RawFrame(opcode: 9, payload: .init(repeating: 7, count: 125))],
            [.ping(.init(repeating: 7, count: 125))]),
        FrameRule("close with code and reason", [.close(4001, [0x62])], [.close(.roomClosed, reason: [0x62])]),
        FrameRule("empty close, and nothing after it", [RawFrame(opcode: 8), .text("x")], [.close(nil, reason: [])]),
        FrameRule(
            "close between fragments", [.text("a", isFinal: false), .close(1000)], [.close(.normal, reason: [])]),
        FrameRule("a message as long as the limit", [.text("12345")], [.text("12345")], maxMessageBytes: 5),
        FrameRule(
            "the limit counts from anew with each message",
            [
                .text("123", isFinal: false), .continuation([0x34], isFinal: true), .text("12345"),
                .text("1234", isFinal: false),
                .continuation([0x35], isFinal: true),
            ], [.text("1234"), .text("12345"), .text("12345")], maxMessageBytes: 5),
        FrameRule(
            "control frames do not count",
            [
                .text("1234", isFinal: false), RawFrame(opcode: 9, payload: .init(repeating: 1, count: 9)),
                .continuation([0x35], isFinal: true),
            ], [.ping(.init(repeating: 1, count: 9)), .text("12345")], maxMessageBytes: 5),
    ]

    static let refused: [FrameRule] = [
        FrameRule("reserved bit 1", [RawFrame(opcode: 1, reserved: 4)], [.violation(.reservedBits)]),
        FrameRule("reserved bit 2", [RawFrame(opcode: 1, reserved: 2)], [.violation(.reservedBits)]),
        FrameRule("reserved bit 3", [RawFrame(opcode: 9, reserved: 1)], [.violation(.reservedBits)]),
        FrameRule("unmasked frame of a client", [RawFrame(opcode: 1, key: nil)], [.violation(.unmasked)]),
        FrameRule("unmasked control frame of a client", [RawFrame(opcode: 9, key: nil)], [.violation(.unmasked)]),
        FrameRule("masked frame of a server", [.text("a")], [.violation(.masked)], role: .client),
        FrameRule("masked close of a server", [.close(1000)], [.violation(.masked)], role: .client),
        FrameRule(
            "two-byte length of 125",
            [RawFrame(opcode: 2, payload: .init(repeating: 0, count: 125), lengthForm: .twoBytes)],
            [.violation(.wastefulLength)]),
        FrameRule(
            "eight-byte length of 65535", [RawFrame(opcode: 2, lengthForm: .eightBytes, claimedLength: 0xFFFF)],
            [.violation(.wastefulLength)]),
        FrameRule(
            "length with its top bit set", [RawFrame(opcode: 2, claimedLength: 1 << 63)],
            [.violation(.impossibleLength)]),
        FrameRule(
            "control frame of 126 bytes", [RawFrame(opcode: 9, payload: .init(repeating: 0, count: 126))],
            [.violation(.longControl)]),
        FrameRule(
            "control frame with an eight-byte length", [RawFrame(opcode: 8, lengthForm: .eightBytes)],
            [.violation(.longControl)]),
        FrameRule("fragmented ping", [RawFrame(opcode: 9, isFinal: false)], [.violation(.fragmentedControl)]),
        FrameRule("fragmented close", [RawFrame(opcode: 8, isFinal: false)], [.violation(.fragmentedControl)]),
        FrameRule(
            "continuation without a start", [.continuation([0x61], isFinal: true)], [.violation(.continuationOfNothing)]
        ),
        FrameRule(
            "continuation after a whole message", [.text("a"), .continuation([0x61], isFinal: false)],
            [.text("a"), .violation(.continuationOfNothing)]),
        FrameRule(
            "new message inside a fragmented one", [.text("a", isFinal: false), .text("b")],
            [.violation(.interruptedMessage)]),
        FrameRule(
            "new message after an empty first fragment", [.text("", isFinal: false), RawFrame(opcode: 2)],
            [.violation(.interruptedMessage)]),
        FrameRule("text that is no UTF-8", [RawFrame(opcode: 1, payload: [0x61, 0xFF])], [.violation(.invalidText)]),
        FrameRule("text that ends in a character", [RawFrame(opcode: 1, payload: [0xC3])], [.violation(.invalidText)]),
        FrameRule(
            "ASCII where a character has to go on",
            [
                RawFrame(opcode: 1, payload: [0xC3], isFinal: false), .continuation([0x61], isFinal: true),
            ], [.violation(.invalidText)]),
        FrameRule(
            "message that ends, empty-handed, in a character",
            [
                RawFrame(opcode: 1, payload: [0xC3], isFinal: false), .continuation([], isFinal: true),
            ], [.violation(.invalidText)]),
        FrameRule("close code of one byte", [RawFrame(opcode: 8, payload: [3])], [.violation(.truncatedCloseCode)]),
        FrameRule("close code 1005", [.close(1005)], [.violation(.forbiddenCloseCode)]),
        FrameRule("close reason that is no UTF-8", [.close(1000, [0xC3])], [.violation(.invalidCloseReason)]),
        FrameRule("message over the limit", [.text("123456")], [.violation(.messageTooBig)], maxMessageBytes: 5),
        FrameRule(
            "fragments that are over the limit together",
            [.text("123", isFinal: false), .continuation([1, 2, 3], isFinal: false)],
            [.violation(.messageTooBig)], maxMessageBytes: 5),
    ]

    static let all = accepted + refused
}

@Suite("Message parser")
struct MessageParserTests {
    @Test(
        "everything that RFC 6455 allows is accepted, and everything that it forbids is refused",
        arguments: FrameRule.all)
    func rule(_ rule: FrameRule) {
        let events = FrameFeed.events(of: rule.bytes, role: rule.role, maxMessageBytes: rule.maxMessageBytes)
        #expect(events == rule.events)
    }

    @Test("the events do not depend on how the bytes are split", arguments: FrameRule.all)
    func anyCut(_ rule: FrameRule) {
        let count = rule.bytes.count
        func expectSame(_ cuts: [Int]) {
            let events = FrameFeed.events(
                of: rule.bytes, cutAt: cuts, role: rule.role, maxMessageBytes: rule.maxMessageBytes)
            #expect(events == rule.events, "cut at \(cuts)")
        }
        expectSame(Array(0..<count))
        for first in 0...count {
            expectSame([first])
            guard count <= 40 else { continue }
            for second in first...count {
                expectSame([first, second])
            }
        }
    }

    @Test("reserved opcodes are refused", arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
    func reservedOpcodes(opcode: UInt8) {
        #expect(FrameFeed.events(of: RawFrame(opcode: opcode).bytes) == [.violation(.reservedOpcode)])
        let rest = RawFrame(opcode: opcode, isFinal: false).bytes
        #expect(FrameFeed.events(of: rest) == [.violation(.reservedOpcode)])
    }

    /// (payload of a text frame, how many of its bytes are needed to see that it is wrong)
    static let brokenTexts: [([UInt8], Int)] = [
        ([0xFF, 0x61], 1),
        ([0x61, 0xC0, 0x80], 2),
        ([0x61, 0x61, 0xC3, 0x28, 0x61], 4),
        ([0xE0, 0x9F, 0x80], 2),
        ([0xED, 0xA0, 0x80], 2),
        ([0xF4, 0x90, 0x80, 0x80, 0x65], 2),
        ([0xF0, 0x8F, 0x80, 0x80], 2),
        (Array("κόσμε".utf8) + [0xF4, 0x90, 0x80, 0x80] + Array("edited".utf8), 12),
    ]

    @Test(
        "invalid text is refused at its first wrong byte, before the frame or the message ends", arguments: brokenTexts
    )
    func failsFast(payload: [UInt8], needed: Int) {
        for isFinal in [true, false] {
            let frame = RawFrame(opcode: 1, payload: payload, isFinal: isFinal).bytes
            let enough = frame.count - payload.count + needed
            #expect(FrameFeed.events(of: Array(frame[..<(enough - 1)]), cutAt: Array(0..<(enough - 1))).isEmpty)
            #expect(FrameFeed.events(of: Array(frame[..<enough])) == [.violation(.invalidText)])
            #expect(FrameFeed.events(of: Array(frame[..<enough]), cutAt: [enough - 1]) == [.violation(.invalidText)])
        }
    }

    @Test("a message over the limit is refused by its header, before its payload is read")
    func limitByHeader() {
        let huge = RawFrame(opcode: 2, claimedLength: 1 << 62).bytes
        #expect(FrameFeed.events(of: huge, maxMessageBytes: 1 << 20) == [.violation(.messageTooBig)])
        let second = [RawFrame.text("12", isFinal: false), RawFrame(opcode: 0, claimedLength: 4)].bytes
        #expect(FrameFeed.events(of: second, maxMessageBytes: 5) == [.violation(.messageTooBig)])
    }

    @Test("without a limit the largest possible length is waited for, and does not overflow")
    func largestLength() throws {
        var bytes = RawFrame(opcode: 2, claimedLength: (1 << 63) - 1).bytes + [1, 2, 3]
        var parser = MessageParser(role: .server, maxMessageBytes: 0)
        var span = bytes.mutableSpan
        var offset = 0
        #expect(try parser.next(in: &span, at: &offset) == .needsMore(expected: .max))
        #expect(offset == 0)
    }

    @Test("the parser tells the length of a frame as soon as it is known")
    func expectedLength() throws {
        let frame = RawFrame(opcode: 2, payload: .init(repeating: 9, count: 300)).bytes
        for (known, expected) in [(0, 2), (1, 2), (2, 8), (7, 8), (8, 308), (200, 308), (307, 308)] {
            var parser = MessageParser(role: .server, maxMessageBytes: 0)
            var bytes = Array(frame[..<known])
            var span = bytes.mutableSpan
            var offset = 0
            #expect(try parser.next(in: &span, at: &offset) == .needsMore(expected: expected), "\(known) bytes known")
        }
    }

    @Test("an assembled message can be taken, and one not taken never joins the next")
    func assembly() throws {
        var parser = MessageParser(role: .server, maxMessageBytes: 6)
        for _ in 0..<2 {
            var bytes = [RawFrame.text("abc", isFinal: false), .continuation([0x64], isFinal: true)].bytes
            var span = bytes.mutableSpan
            var offset = 0
            #expect(try parser.next(in: &span, at: &offset) == .fragment)
            #expect(try parser.next(in: &span, at: &offset) == .message(.text, .assembled))
            #expect(parser.assembled == Array("abcd".utf8))
        }
        #expect(parser.takeAssembled() == Array("abcd".utf8))
        #expect(parser.assembled.isEmpty)
        #expect(parser.takeAssembled().isEmpty)
    }

    @Test("memory is used only for bytes that have arrived, not for a claimed length or empty fragments")
    func heldMemory() {
        var feed = FrameFeed()
        feed.receive([RawFrame.text("ab", isFinal: false), RawFrame(opcode: 0, claimedLength: 1 << 40)].bytes)
        #expect(feed.assembledBytes == 2)
        var empty = FrameFeed()
        empty.receive(RawFrame.text("", isFinal: false).bytes)
        for _ in 0..<1000 {
            empty.receive(RawFrame.continuation([], isFinal: false).bytes)
        }
        #expect(empty.assembledBytes == 0)
        #expect(!empty.isOver)
    }

    @Test("the parser of an idle connection is small")
    func size() {
        #expect(MemoryLayout<MessageParser>.stride <= 32)
    }
}
