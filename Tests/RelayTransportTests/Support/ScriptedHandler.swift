import RelayWire

@testable import RelayEngine

/// Answers every request with a body of the wanted size, and every message with so many frames; takes note of both, and
/// of the commands that it gets.
final class ScriptedHandler: ConnectionHandler {
    /// Nothing to remember.
    final class Session {}

    enum Payload: Sendable {
        /// A request that was read on one loop, and is answered wherever its connection is by then.
        case request(ScriptedRequest)
        case message
    }

    typealias LookupAnswer = String
    typealias Timer = Never
    typealias Command = String
    typealias Outcome = RequestOutcome<ScriptedHandler>

    var bodyBytes = 0
    var framesPerMessage = 0
    /// The longest body that a request may have.
    var bodyLimit = 0
    /// What is done with each command.
    var onCommand: (String, ScriptedLoop) -> Void = { _, _ in }
    /// How many connections go together when the loop ends.
    var partySize = 1
    /// What else is done with each message.
    var onMessage: (String, ScriptedLoop) -> Void = { _, _ in }
    /// The loop to which a message takes its connection, if any.
    var messageMoves: (String) -> Int? = { _ in nil }
    /// The loop to which each request but the first takes its connection.
    var laterRequestsMoveTo: Int?
    /// The loop to which a request takes its connection once its lookup has ended.
    var resumedRequestsMoveTo: Int?
    /// Whether each request that may become a WebSocket does.
    var upgrades = false
    /// Whether each request needs a lookup first, which never ends by itself.
    var looksUp = false
    /// The answers to the lookups that have ended so far, nil for those that took too long.
    private(set) var lookupAnswers: [String?] = []
    /// How many WebSockets came from other loops, and how many ended.
    private(set) var adopted = 0
    private(set) var closed = 0
    private(set) var requests: [String] = []
    /// The bodies of the requests.
    private(set) var bodies: [String] = []
    /// How often the handler was asked for the longest body.
    private(set) var limitsAsked = 0
    private(set) var performed: [String] = []
    private(set) var dropped: [String] = []
    private(set) var messages: [String] = []

    func bodyLimit(
        of head: RequestHead, in bytes: Span<UInt8>, of connection: ScriptedConnection, on loop: ScriptedLoop
    ) -> Int {
        limitsAsked += 1
        return bodyLimit
    }

    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: ScriptedConnection, on loop: ScriptedLoop
    ) -> Outcome {
        let request = ScriptedRequest(
            target: String(decoding: head.target.map { bytes[$0] }, as: UTF8.self),
            body: String(decoding: head.body.map { bytes[$0] }, as: UTF8.self),
            acceptance: upgrades ? try? OpeningHandshake.check(head, in: bytes) : nil)
        if let laterRequestsMoveTo, !requests.isEmpty {
            return .move(toLoop: laterRequestsMoveTo, payload: .request(request))
        }
        guard looksUp else { return answer(request) }
        return .park(
            Parking(until: ScriptedHandler.endlessLookup) { [unowned self] answer, _, _ in
                lookupAnswers.append(answer)
                return resumedRequestsMoveTo.map { .move(toLoop: $0, payload: .request(request)) }
                    ?? self.answer(request)
            })
    }

    func answer(_ payload: Payload, of connection: ScriptedConnection, on loop: ScriptedLoop) -> Outcome {
        guard case .request(let request) = payload else { preconditionFailure("a request moves as such") }
        return answer(request)
    }

    private func answer(_ request: ScriptedRequest) -> Outcome {
        requests.append(request.target)
        bodies.append(request.body)
        if let acceptance = request.acceptance { return .upgrade(acceptance, Session()) }
        return .respond(
            HTTPResponse(.ok, contentType: "text/plain", body: [UInt8](repeating: 0x78, count: bodyBytes)))
    }

    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: ScriptedConnection, on loop: ScriptedLoop
    ) -> MessageOutcome<Payload> {
        let text = String(decoding: message.indices.map { message[$0] }, as: UTF8.self)
        if let target = messageMoves(text) { return .move(toLoop: target, payload: .message) }
        messages.append(text)
        onMessage(text, loop)
        let frame: [UInt8] = [0x81, 0x00]
        for _ in 0..<framesPerMessage { unsafe frame.withUnsafeBytes { unsafe loop.send($0, to: connection) } }
        return .stay
    }

    func perform(_ command: String, on loop: ScriptedLoop) {
        performed.append(command)
        onCommand(command, loop)
    }

    func dropped(_ command: String) { dropped.append(command) }

    func closeForShutdown(_ connection: ScriptedConnection, on loop: ScriptedLoop) -> Int {
        let others = loop.table.all.filter { $0 !== connection && $0.phase == .webSocket }
        let party = [connection] + others.filter { $0.reading != .ending }.prefix(partySize - 1)
        for member in party { loop.closeForShutdown(member) }
        return party.count
    }

    private static let endlessLookup: Parking<ScriptedHandler>.Lookup = {
        for await _ in AsyncStream<Void>.makeStream().stream {}
        return "nothing"
    }

    func opened(_ connection: ScriptedConnection, on loop: ScriptedLoop) {}
    func adopt(_ connection: ScriptedConnection, with message: Payload, on loop: ScriptedLoop) { adopted += 1 }
    func closed(_ connection: ScriptedConnection, _ departure: PeerDeparture, on loop: ScriptedLoop) { closed += 1 }
    func isMember(_ connection: ScriptedConnection) -> Bool { true }
    func deadlinePassed(_ connection: ScriptedConnection, on loop: ScriptedLoop) {}
    func timerFired(_ timer: Never, on loop: ScriptedLoop) {}
}

struct ScriptedRequest: Sendable {
    let target: String
    let body: String
    let acceptance: OpeningHandshake.Acceptance?
}
