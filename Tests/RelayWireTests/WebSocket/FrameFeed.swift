import RelayWire
import TestSupport
import Testing

/// An event with its own copy of the bytes, so that events of different reads can be compared.
enum ObservedFrameEvent: Hashable, Sendable {
    case text([UInt8])
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    case close(CloseCode?, reason: [UInt8])
    case violation(WebSocketViolation)

    static func text(_ text: String) -> ObservedFrameEvent { .text(Array(text.utf8)) }
}

/// Reads a stream as the engine does: it keeps the unfinished frame, moves it to the front of its buffer, and puts
/// what comes next behind it.
struct FrameFeed {
    private var parser: MessageParser
    private var buffer: [UInt8] = []
    private(set) var events: [ObservedFrameEvent] = []
    private(set) var isOver = false
    /// True if every request for more bytes expected more than there were.
    private(set) var asksAreSound = true

    init(role: EndpointRole = .server, maxMessageBytes: Int = 0) {
        parser = MessageParser(role: role, maxMessageBytes: maxMessageBytes)
    }

    var assembledBytes: Int { parser.assembled.count }

    mutating func receive(_ chunk: some Sequence<UInt8>) {
        guard !isOver else { return }
        buffer += chunk
        var offset = 0
        do throws(WebSocketViolation) {
            while try step(&offset) {}
        } catch {
            events.append(.violation(error))
            isOver = true
        }
        buffer.removeFirst(offset)
    }

    /// False when the parser needs more bytes, or wants no more.
    private mutating func step(_ offset: inout Int) throws(WebSocketViolation) -> Bool {
        var parser = self.parser
        defer { self.parser = parser }
        var span = buffer.mutableSpan
        let event = try parser.next(in: &span, at: &offset)
        switch event {
        case .needsMore(let expected):
            asksAreSound = asksAreSound && expected > buffer.count - offset
            return false
        case .fragment:
            break
        case .message(let kind, .inPlace(let range)):
            append(kind, Array(buffer[range]))
        case .message(let kind, .assembled):
            append(kind, parser.takeAssembled())
        case .ping(let range):
            events.append(.ping(Array(buffer[range])))
        case .pong(let range):
            events.append(.pong(Array(buffer[range])))
        case .close(let payload):
            events.append(.close(payload.code, reason: Array(buffer[payload.reason])))
            isOver = true
            return false
        }
        return true
    }

    private mutating func append(_ kind: MessageKind, _ bytes: [UInt8]) {
        events.append(kind == .text ? .text(bytes) : .binary(bytes))
    }

    /// The events of a stream that is cut at the given places.
    static func events(
        of bytes: [UInt8], cutAt cuts: [Int] = [], role: EndpointRole = .server, maxMessageBytes: Int = 0
    ) -> [ObservedFrameEvent] {
        var feed = FrameFeed(role: role, maxMessageBytes: maxMessageBytes)
        var start = 0
        for cut in cuts + [bytes.count] {
            feed.receive(bytes[start..<cut])
            start = cut
        }
        #expect(feed.asksAreSound)
        return feed.events
    }
}

extension SeededGenerator {
    /// Valid UTF-8 of up to that many characters, with all lengths of characters.
    mutating func text(upTo characters: Int) -> String {
        let ranges: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x20...0x7E, 0x80...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x1_0000...0x10_FFFF,
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...characters, using: &self) {
            let number = UInt32.random(in: ranges.randomElement(using: &self) ?? 0x20...0x7E, using: &self)
            text.append(Unicode.Scalar(number) ?? " ")
        }
        return String(text)
    }
}
