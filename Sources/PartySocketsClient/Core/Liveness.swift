/// Whether the relay is still there: a ping where nothing else was heard, and the end where that brings no answer.
struct Liveness: Hashable, Sendable {
    private let silence: Duration
    /// How long the answer to a ping may take.
    var patience: Duration
    private var lastHeard: Duration
    private var lastPing: Duration
    private var pingSent: Duration?
    /// The number in the latest ping.
    private(set) var sequence = 0

    /// What is to be done at a time.
    enum Need: Hashable, Sendable {
        /// Nothing yet.
        case wait
        /// A ping.
        case ping
        /// Nothing came for too long: the connection is dead.
        case end
    }

    /// - Parameters:
    ///   - silence: the time without a word after which a ping is sent.
    ///   - patience: the time that its answer may take.
    init(silence: Duration, patience: Duration, at now: Duration) {
        self.silence = silence
        self.patience = patience
        lastHeard = now
        lastPing = now
    }

    /// The round trip is measured at least so often.
    private static let measure = Duration.seconds(30)

    /// Anything has arrived.
    mutating func heard(at now: Duration) {
        lastHeard = now
    }

    /// The answer to a ping has arrived.
    ///
    /// - Returns: the time that it took; nil if it belongs to no ping, or to an older one.
    mutating func ponged(_ number: Int?, at now: Duration) -> Duration? {
        lastHeard = now
        guard number == sequence, let sent = pingSent else { return nil }
        pingSent = nil
        return now - sent
    }

    /// A ping leaves now, whatever was heard.
    mutating func ping(at now: Duration) {
        sequence += 1
        pingSent = now
        lastPing = now
    }

    /// When there may be something to be done.
    var wake: Duration {
        if let sent = unanswered { sent + patience } else { min(lastHeard + silence, lastPing + Self.measure) }
    }

    func need(at now: Duration) -> Need {
        guard now >= wake else { return .wait }
        return unanswered == nil ? .ping : .end
    }

    /// When a ping was sent after which nothing was heard. An answer that never came does not matter if something else
    /// did.
    private var unanswered: Duration? {
        pingSent.flatMap { $0 >= lastHeard ? $0 : nil }
    }
}
