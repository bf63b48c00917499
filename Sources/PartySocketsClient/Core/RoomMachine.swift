/// One member's way through a room: into it, along with it, back to it, out of it.
///
/// It decides, and does nothing itself: each of its methods is something that happened, with the time of it, and returns
/// what its caller must do. At `wake` the caller calls `tick`.
struct RoomMachine: Sendable {
    /// What the caller must do, in this order.
    enum Action: Hashable, Sendable {
        /// Open a WebSocket there. Its outcome is `opened`, `refused` or `ended`.
        case connect(Target)
        /// Send this message on the open WebSocket.
        case write(ClientMessage)
        /// Send a ping frame with this number: what an old relay understands.
        case ping(Int)
        /// End the connection or the attempt, with this close code if it is open. It reports nothing any more.
        case hangUp(Int)
        /// `create` or `join` has succeeded.
        case enter
        /// Tell the game.
        case emit(RoomEvent)
        /// A ticket that was asked for under this number, or why there is none.
        case answer(Int, Result<String, PartyError>)
        /// It is over. No action follows.
        case finish(PartyError)
    }

    /// What the member wants.
    enum Goal: Hashable, Sendable {
        case create(RoomOptions.NewRoom)
        case join(String)
    }

    enum State: Hashable, Sendable {
        case idle
        case connecting(until: Duration)
        /// The WebSocket is open, and `create` or `join` sent.
        case asking(until: Duration)
        case inRoom
        case waiting(until: Duration)
        case suspended
        /// `leave` or `close_room` is sent.
        case leaving(until: Duration)
        case ended(PartyError)
    }

    /// A ticket that the relay has not answered.
    struct TicketRequest: Hashable, Sendable {
        let number: Int
        let index: Int
        let until: Duration
    }

    let url: RelayURL
    let options: RoomOptions
    let clientID: ClientID
    let random: @Sendable () -> Double

    var state = State.idle
    /// Nil until the member has been in its room.
    var view: RoomView?
    var actions: [Action] = []
    var outbox: Outbox
    var liveness: Liveness
    /// How long a pong may take. Doubled each time that it takes longer, since a large message that leaves on a slow link
    /// looks the same.
    var patience: Duration
    var tickets: [TicketRequest] = []
    /// The state that this host has set. It is sent after each return: whether the last one has arrived nobody knows.
    var ownState: RawJSON?
    /// Everybody who was ever here, as far as this member knows.
    private var seen: Set<Int> = []
    /// Whether the connection takes more for now.
    var isWritable = true
    /// The earliest time of the next `set_state`.
    var nextState = Duration.zero
    private(set) var goal: Goal
    var ticket: String?
    /// Whether this client may have a seat from before it was started anew.
    let mayHaveSeat: Bool

    // The way in, or back.
    var backoff = Backoff()
    private var target: Target?
    private var redirects = 0
    /// The machine to ask in the next attempt. Used once; then the room is searched for by its code.
    var pin: String?
    var wasPinned = false
    var timesNotFound = 0
    var lastFailure: PartyError?
    var giveUpAt = Duration.zero
    var lostAt = Duration.zero
    /// Whether a connection of this member has ended before.
    var wasLost = false
    var enteredAt = Duration.zero
    var hasMoved = false
    /// Whether the game knows that messages are dropped.
    var hasDropped = false

    /// One attempt may take this long, and later ones twice that: a proxy may wait for 5 s for a machine that is gone,
    /// before it asks another.
    private static let attemptLimit = Duration.seconds(5)
    private static let mostRedirects = 3

    /// - Parameter random: random numbers from 0 to 1.
    init(
        _ goal: Goal, ticket: String? = nil, at url: RelayURL, as clientID: ClientID, isKnown: Bool = false,
        options: RoomOptions, random: @escaping @Sendable () -> Double
    ) {
        self.goal = goal
        self.ticket = ticket
        mayHaveSeat = isKnown
        self.url = url
        self.clientID = clientID
        self.options = options
        self.random = random
        pin = options.instance
        outbox = Outbox(options.whileAway)
        patience = options.pongWithin
        liveness = Liveness(silence: options.pingAfter, patience: options.pongWithin, at: .zero)
    }

    mutating func takeActions() -> [Action] {
        defer { actions = [] }
        return actions
    }

    // MARK: Attempts

    mutating func begin(at now: Duration) -> [Action] {
        giveUpAt = now + options.timeout
        connect(at: now)
        return takeActions()
    }

    mutating func connect(at now: Duration) {
        let code: String? = if case .join(let code) = goal { code } else { nil }
        wasPinned = pin.map { !$0.isEmpty } ?? false
        let target = url.target(code: code, instance: pin)
        pin = nil
        redirects = 0
        let limit = backoff.attempts > 2 ? Self.attemptLimit * 2 : Self.attemptLimit
        connect(to: target, until: min(now + limit, giveUpAt))
    }

    private mutating func connect(to target: Target, until deadline: Duration) {
        self.target = target
        isWritable = true
        state = .connecting(until: deadline)
        actions.append(.connect(target))
    }

    /// The WebSocket is open.
    mutating func opened(at now: Duration) -> [Action] {
        guard case .connecting(let deadline) = state else { return [] }
        state = .asking(until: deadline)
        switch goal {
        case .create(let room): actions.append(.write(.create(room, as: clientID)))
        case .join(let code):
            actions.append(.write(.join(code, as: clientID, ticket: ticket)))
        }
        return takeActions()
    }

    /// The upgrade was answered with another status than 101.
    mutating func refused(
        status: Int, location: String?, retryAfter: Duration?, at now: Duration
    ) -> [Action] {
        guard case .connecting(let deadline) = state else { return [] }
        if (300..<400).contains(status), redirects < Self.mostRedirects,
            let next = location.flatMap({ target?.following($0) })
        {
            redirects += 1
            actions.append(.hangUp(1000))
            connect(to: next, until: deadline)
        } else {
            actions.append(.hangUp(1000))
            var error = PartyError(status: status, retryAfter: retryAfter)
            if case .create = goal, error.code == .roomNotFound { error = PartyError(.noRelay, error.message) }
            fail(error, at: now)
        }
        return takeActions()
    }

    /// The connection has ended, or could not be made.
    mutating func ended(_ error: PartyError, at now: Duration) -> [Action] {
        switch state {
        case .connecting, .asking, .inRoom: fail(error, at: now)
        case .leaving: end(error.code == .roomClosed ? error : PartyError(.left, "Left the room"))
        case .idle, .waiting, .suspended, .ended: break
        }
        return takeActions()
    }

    /// The relay has answered `create` or `join`.
    mutating func entered(_ entrance: ServerMessage.Entrance, at now: Duration) {
        state = .inRoom
        goal = .join(entrance.code)
        ticket = nil
        timesNotFound = 0
        lastFailure = nil
        hasMoved = false
        hasDropped = false
        enteredAt = now
        nextState = now
        liveness = Liveness(silence: options.pingAfter, patience: patience, at: now)
        if let before = view?.peers {
            view?.update(entrance)
            actions.append(.emit(.reconnected(after: now - lostAt, attempts: backoff.attempts)))
            tellChanges(since: before, away: entrance.away)
        } else {
            view = RoomView(entrance)
            seen = Set(entrance.peers).union(entrance.away)
            actions.append(.enter)
        }
        if let ownState { outbox.set(ownState) }
        ping(at: now)
        flush(at: now)
    }

    /// Who went and who came while this member was away.
    private mutating func tellChanges(since before: [Int], away: [Int]) {
        guard let view else { return }
        for peer in before where !view.peers.contains(peer) {
            actions.append(.emit(.away(peer, reason: nil, isHeld: away.contains(peer))))
        }
        for peer in view.peers where !before.contains(peer) { arrived(peer, isBack: false) }
    }

    /// True for a slot that somebody has, or has had while this member was here.
    func hasSeen(_ index: Int) -> Bool { seen.contains(index) || index == view?.index }

    /// A member is there, for the first time as far as this one knows, or again.
    mutating func arrived(_ peer: Int, isBack: Bool) {
        view?.joined(peer)
        let isNew = seen.insert(peer).inserted && !isBack
        actions.append(.emit(isNew ? .peer(peer) : .back(peer)))
    }
}
