internal import NIOCore

/// The outcome of a question, and what it tells about the servers.
struct Outcome {
    let result: Result<[[UInt8]], AresError>
    /// The index of the server that answered.
    var server: Int?
    /// The number of tries without an answer.
    var timeouts = 0

    /// True if a server answered with records, or said that there are none.
    var isAnswer: Bool {
        switch result {
        case .success: true
        case .failure(let error): error.code == .noSuchName || error.code == .noData
        }
    }
}

/// A list of servers with its c-ares channels, used until it fails or changes.
///
/// It asks with EDNS first, so that most answers fit into one datagram, and then without: some servers refuse such
/// questions, and some routers lose them or their longer answers.
final class Upstream {
    /// The most questions in flight at once. Their answers, 1,232 bytes each, fit into the 208 KiB that Linux gives a
    /// UDP socket by default; beyond that the kernel drops them silently.
    static let capacity = 64
    /// The most questions in flight with those that everybody has given up on: what a server leaves unanswered, such as
    /// one family of addresses, must not hold up the rest.
    static let capacityWithAbandoned = 1_024
    /// The time without EDNS after it has failed.
    static let restOfExtensions = TimeAmount.minutes(1)

    private let servers: [SocketAddress]
    private let eventLoop: any EventLoop
    private let configuration: AresResolver.Configuration
    private var extended: AresChannel?
    private var plain: AresChannel?
    private var asksPlainlyUntil = NIODeadline.uptimeNanoseconds(0)
    private var inFlight = 0
    /// Those of them that everybody has given up on.
    var abandoned = 0
    private var isRetired = false

    init(servers: [SocketAddress], eventLoop: any EventLoop, configuration: AresResolver.Configuration) {
        self.servers = servers
        self.eventLoop = eventLoop
        self.configuration = configuration
    }

    var hasRoom: Bool {
        inFlight - abandoned < Upstream.capacity && inFlight < Upstream.capacityWithAbandoned
    }
    var hasEnded: Bool { isRetired && inFlight == 0 }

    func ask(_ question: Question, completion: @escaping (Outcome) -> Void) {
        inFlight += 1
        let finish = { (outcome: Outcome) in
            self.inFlight -= 1
            if self.hasEnded { _ = self.end() }
            completion(outcome)
        }
        guard NIODeadline.now() >= asksPlainlyUntil else { return askPlainly(question, finish) }
        let channel =
            extended
            ?? AresChannel(
                servers: servers, extension: true, timeout: configuration.timeout, tries: 1, eventLoop: eventLoop)
        extended = channel
        channel.ask(question) { first in
            guard self.deservesPlainTry(first) else { return finish(first) }
            self.askPlainly(question) { second in
                if second.isAnswer { self.asksPlainlyUntil = .now() + Upstream.restOfExtensions }
                finish(second)
            }
        }
    }

    /// Stops taking questions; the sockets close with the last answer.
    func retire() {
        isRetired = true
        if hasEnded { _ = end() }
    }

    /// Drops the questions in flight and closes the sockets; returns futures of their closing.
    func end() -> [EventLoopFuture<Void>] {
        isRetired = true
        let closed = [extended, plain].flatMap { $0?.end() ?? [] }
        extended = nil
        plain = nil
        return closed
    }

    /// The order of servers for a fresh upstream, if this one should be replaced after this outcome.
    ///
    /// After a timeout everything is opened anew, since c-ares keeps a silent connection for as long as there are
    /// questions. A server that answered where those before it did not goes first.
    func betterOrder(after outcome: Outcome) -> [SocketAddress]? {
        guard outcome.timeouts > 0 else { return nil }
        if let best = outcome.server, best > 0 {
            return [servers[best]] + servers[..<best] + servers[(best + 1)...]
        }
        return outcome.isAnswer ? nil : servers
    }

    private func askPlainly(_ question: Question, _ completion: @escaping (Outcome) -> Void) {
        let channel =
            plain
            ?? AresChannel(
                servers: servers, extension: false, timeout: configuration.timeout,
                tries: max(configuration.tries - 1, 1),
                eventLoop: eventLoop)
        plain = channel
        channel.ask(question, completion: completion)
    }

    private func deservesPlainTry(_ outcome: Outcome) -> Bool {
        guard case .failure(let error) = outcome.result else { return false }
        switch error.code {
        // c-ares itself repeats a question without EDNS after FORMERR, but only the first of several in flight.
        case .serverFailure: return true
        case .timeout, .unreachable, .refused, .malformed: return configuration.tries > 1
        default: return false
        }
    }
}
