internal import CAres
internal import Glibc
internal import NIOCore

/// A c-ares channel with the virtual sockets that it uses, driven by an event loop.
///
/// c-ares decides what to send, when to retry, and which answer belongs to which question; it never touches a
/// descriptor. Only `turn` calls it, one call at a time, and its callbacks only record events: c-ares 1.18 must not
/// be destroyed, nor its sockets changed, during a call.
@safe final class AresChannel {
    /// The answer size advertised by EDNS: it passes every path unfragmented (DNS flag day 2020).
    static let datagramSize: Int32 = 1_232

    let eventLoop: any EventLoop
    let servers: [SocketAddress]
    let timeout: TimeAmount
    private var ares: ares_channel?
    var sockets: [Int32: VirtualSocket] = [:]
    var lastSocket: Int32 = 0
    /// The socket whose message c-ares is reading.
    var speaking: VirtualSocket?
    private var ready = CircularBuffer<Readiness>()
    private var finished: [(completion: (Outcome) -> Void, outcome: Outcome)] = []
    private var isTurning = false
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture

    enum Readiness {
        case readable(Int32)
        case writable(Int32)
    }

    /// - Parameter extension: true to ask with EDNS (RFC 6891).
    init(
        servers: [SocketAddress], extension: Bool, timeout: TimeAmount, tries: Int, eventLoop: any EventLoop
    ) {
        self.servers = servers
        self.eventLoop = eventLoop
        self.timeout = timeout
        unsafe ares = open(extension: `extension`, tries: tries)
    }

    /// Asks the servers; the completion is called exactly once, unless the channel ends first.
    func ask(_ question: Question, completion: @escaping (Outcome) -> Void) {
        eventLoop.preconditionInEventLoop()
        guard unsafe ares != nil else {
            return completion(Outcome(result: .failure(AresError(.systemFailure, "c-ares has no channel"))))
        }
        let pending = PendingQuestion(type: question.type, channel: self, completion: completion)
        unsafe turn { ares in
            // The callback, which c-ares calls exactly once, takes the reference back.
            let argument = unsafe Unmanaged.passRetained(pending)
            unsafe ares_query(
                ares, question.name.description, AresChannel.internet, question.type.rawValue,
                AresChannel.answered, argument.toOpaque())
        }
    }

    /// Drops all questions and closes all sockets; returns futures of their closing.
    func end() -> [EventLoopFuture<Void>] {
        eventLoop.preconditionInEventLoop()
        precondition(!isTurning, "c-ares must not be destroyed from its own callbacks")
        guard let ending = unsafe ares else { return [] }
        unsafe ares = nil
        let closed = sockets.values.compactMap(\.closed)
        timer?.cancel()
        isTurning = true
        unsafe ares_destroy(ending)
        isTurning = false
        finished = []
        return closed
    }

    /// A socket has become readable or writable.
    func becameReady(_ readiness: Readiness) {
        ready.append(readiness)
        // Events during a call to c-ares wait until it has returned.
        if !isTurning { unsafe turn { _ in } }
    }

    /// Records an outcome that c-ares reports.
    func finish(_ completion: @escaping (Outcome) -> Void, _ outcome: Outcome) {
        finished.append((completion, outcome))
    }

    /// Lets c-ares work until it has nothing left to do for now, then reports the outcomes.
    private func turn(_ work: (ares_channel) -> Void) {
        precondition(!isTurning, "c-ares is entered one call at a time")
        guard let entered = unsafe ares else { return }
        isTurning = true
        unsafe work(entered)
        while let next = ready.popFirst() {
            switch next {
            case .readable(let id): unsafe read(from: id, entered)
            case .writable(let id): unsafe ares_process_fd(entered, AresChannel.noSocket, id)
            }
        }
        isTurning = false
        setTimer()
        let ended = finished
        finished = []
        for end in ended { end.completion(end.outcome) }
    }

    /// Lets c-ares read; it takes a piece per call (of TCP first the length), and expects to be called until there is
    /// no more.
    private func read(from id: Int32, _ ares: ares_channel) {
        speaking = sockets[id]
        defer { speaking = nil }
        while let socket = sockets[id], socket.isReadable {
            let before = socket.reads
            socket.startRead()
            unsafe ares_process_fd(ares, id, AresChannel.noSocket)
            if socket.reads == before { break }
        }
    }

    /// Sets the one timer, for the next moment at which c-ares has to repeat a question or give it up.
    private func setTimer() {
        var wait = timeval()
        guard let ares = unsafe ares, unsafe ares_timeout(ares, nil, &wait) != nil else {
            timer?.cancel()
            timer = nil
            return
        }
        // Rounded up: c-ares rounds down and would be called too early.
        let deadline =
            NIODeadline.now() + .milliseconds(Int64(wait.tv_sec) * 1_000 + Int64(wait.tv_usec) / 1_000 + 1)
        guard timer == nil || deadline < timerDeadline else { return }
        timer?.cancel()
        timerDeadline = deadline
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.timer = nil
            unsafe self.turn { unsafe ares_process_fd($0, AresChannel.noSocket, AresChannel.noSocket) }
        }
    }
}

/// A question in flight, as the argument of c-ares' callback.
final class PendingQuestion {
    let type: RecordType
    let channel: AresChannel
    let completion: (Outcome) -> Void

    init(type: RecordType, channel: AresChannel, completion: @escaping (Outcome) -> Void) {
        self.type = type
        self.channel = channel
        self.completion = completion
    }
}
