import RelayWire
import Testing

/// A message or frame that a client has received from the relay.
enum Heard: Equatable {
    case text(String)
    case binary([UInt8])
    case ping([UInt8])
    case pong([UInt8])
    /// A close frame; no code for an empty one.
    case close(UInt16?, String)
    /// The relay has closed its sending side.
    case end
}

/// A client of the relay, well-behaved or not, as the test needs it.
final class TestClient {
    let socket: TestSocket
    var received: [UInt8] = []
    /// The number of received bytes that have been read.
    private var position = 0
    private var parser = MessageParser(role: .client, maxMessageBytes: 0)
    private var hasEnded = false
    private var syncs = 0
    /// The slot that the relay gave in `created` or `joined`.
    private(set) var slot = 0
    private(set) var pongsSent = 0
    private var pingsHeard = 0
    /// The deadline that keeps a relay from holding up the test for ever with pings alone.
    private static let mostPings = 30
    var answersPings = true

    init(address: UInt32 = 0x7F00_0001, port: Int, receiveBuffer: Int32? = nil) throws {
        socket = try TestSocket(address: address, port: port, receiveBuffer: receiveBuffer)
    }

    // MARK: Receiving

    /// The next frame or message. A ping is answered, unless this client is not to.
    func hear(_ purpose: @autoclosure () -> String = "a frame") throws -> Heard {
        while true {
            if let heard = try parseNext() { return heard }
            guard try receive(purpose()) else { return .end }
        }
    }

    /// The next text message, or how the connection ended.
    func hearMessage(_ purpose: @autoclosure () -> String = "a message") throws -> Heard {
        while true {
            switch try hear(purpose()) {
            case .ping, .pong: continue
            case let heard: return heard
            }
        }
    }

    func text(_ purpose: @autoclosure () -> String = "a message") throws -> String {
        let heard = try hearMessage(purpose())
        guard case .text(let text) = heard else { throw Unexpected(heard: heard, insteadOf: purpose()) }
        return text
    }

    /// Reads one message, which must be exactly this one.
    func expect(_ message: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let heard = try hearMessage(message)
        #expect(heard == .text(message), sourceLocation: sourceLocation)
    }

    /// Reads to the end of the connection, which must bring this close frame and nothing else.
    func expectClose(
        _ code: UInt16?, _ reason: String = "", sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let heard = try hearMessage("close \(code.map(String.init) ?? "without a code")")
        #expect(heard == .close(code, reason), sourceLocation: sourceLocation)
        try expectEnd(sourceLocation: sourceLocation)
    }

    /// Reads to the end of the connection, which must bring nothing else.
    func expectEnd(sourceLocation: SourceLocation = #_sourceLocation) throws {
        do {
            let heard = try hearMessage("the end of the connection")
            #expect(heard == .end, sourceLocation: sourceLocation)
        } catch TestSocketError.reset {}
    }

    /// Checks that this client has been sent nothing up to now, by means of an echo to itself.
    ///
    /// The events of a room have one order, so anything caused before arrives before the echo.
    func expectNothing(sourceLocation: SourceLocation = #_sourceLocation) throws {
        syncs += 1
        send(#"{"type":"send","to":\#(slot),"data":"sync \#(syncs)"}"#)
        try expect(
            #"{"type":"message","from":\#(slot),"data":"sync \#(syncs)"}"#, sourceLocation: sourceLocation)
    }

    private func parseNext() throws -> Heard? {
        guard position < received.count else { return nil }
        var span = received.mutableSpan
        switch try parser.next(in: &span, at: &position) {
        case .needsMore:
            return nil
        case .fragment:
            throw Unexpected(heard: .end, insteadOf: "whole messages: the relay sends no fragments")
        case .message(let kind, .inPlace(let range)):
            let bytes = Array(received[range])
            return kind == .text ? .text(String(decoding: bytes, as: UTF8.self)) : .binary(bytes)
        case .message(_, .assembled):
            throw Unexpected(heard: .end, insteadOf: "whole messages: the relay sends no fragments")
        case .ping(let range):
            let payload = Array(received[range])
            pingsHeard += 1
            guard pingsHeard <= TestClient.mostPings else {
                throw TestSocketError.timedOut(waitingFor: "more than pings")
            }
            if answersPings {
                send(.pong, payload)
                pongsSent += 1
            }
            return .ping(payload)
        case .pong(let range):
            return .pong(Array(received[range]))
        case .close(let payload):
            return .close(payload.code?.rawValue, String(decoding: received[payload.reason], as: UTF8.self))
        }
    }

    /// - Returns: false at the end of the connection.
    func receive(_ purpose: @autoclosure () -> String) throws -> Bool {
        if position > 0 {
            received.removeFirst(position)
            position = 0
        }
        guard !hasEnded, let bytes = try socket.read(purpose()) else {
            hasEnded = true
            return false
        }
        received.append(contentsOf: bytes)
        return true
    }

    // MARK: Sending

    /// Sends a text message.
    func send(_ text: String) {
        send(.text, Array(text.utf8))
    }

    func send(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) {
        write(TestClient.frame(opcode, payload, isFinal: isFinal))
    }

    func write(_ bytes: [UInt8]) {
        socket.write(bytes)
    }

    func write(_ text: String) {
        socket.write(Array(text.utf8))
    }

    /// A frame as a client sends it.
    static func frame(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true) -> [UInt8] {
        var frame: [UInt8] = []
        FrameWriter.append(
            opcode, payload: payload.span, isFinal: isFinal, maskingKey: .random(in: 0 ... .max), to: &frame)
        return frame
    }

    static func frame(_ text: String) -> [UInt8] {
        frame(.text, Array(text.utf8))
    }

    // MARK: The relay's protocol

    /// Creates a room and returns its code.
    @discardableResult
    func create(clientID: String = "host", maxClients: Int = 100) throws -> String {
        send(#"{"type":"create","clientId":"\#(clientID)","maxClients":\#(maxClients)}"#)
        let created = try text("created")
        guard created.hasPrefix(#"{"type":"created","room":""#) else {
            throw Unexpected(heard: .text(created), insteadOf: "created")
        }
        return String(created.dropFirst(26).prefix(6))
    }

    /// Asks to join a room, and leaves the answer to be read.
    func join(_ code: String, clientID: String) throws {
        send(#"{"type":"join","clientId":"\#(clientID)","room":"\#(code)"}"#)
        slot = Int(clientID.drop { !$0.isNumber }) ?? slot
    }

    /// The slot that `expectNothing` sends from, if the client id does not tell.
    func sits(at slot: Int) {
        self.slot = slot
    }
}

/// A client received something other than the test needs to continue.
struct Unexpected: Error, CustomStringConvertible {
    let heard: Heard
    let insteadOf: String

    var description: String { "heard \(heard) instead of \(insteadOf)" }
}
