internal import NIOCore
internal import NIOHTTP1
internal import RelayCore

/// The siblings that take rooms, the youngest first: it has just been replaced, and will stay for longest.
///
/// They are asked themselves, all at once, and their answers are good for a moment and for all rooms. Loop-bound.
final class RoomTakers {
    /// The most siblings that are asked; if none of so many takes rooms, asking more would not help.
    private static let mostAsked = 256

    private let directory: PeerDirectory
    private let limits: ClusterLimits
    private let loop: any EventLoop
    private var takers: [InstanceID] = []
    private var askedAt: NIODeadline?
    /// True if a sibling has refused a room since.
    private var isDoubtful = false
    private var round: RoomTakersRound?
    private var waiting: [ObjectIdentifier: ([InstanceID]) -> Void] = [:]

    init(in directory: PeerDirectory, limits: ClusterLimits, on loop: any EventLoop) {
        self.directory = directory
        self.limits = limits
        self.loop = loop
    }

    /// Calls back with the siblings that take rooms, in the order in which to ask them; at once if they are known.
    func ask(for waiter: AnyObject, _ callback: @escaping ([InstanceID]) -> Void) {
        if isKnown { return callback(takers) }
        waiting[ObjectIdentifier(waiter)] = callback
        guard round == nil else { return }
        let round = RoomTakersRound(
            in: directory, most: RoomTakers.mostAsked, limits: limits, on: loop)
        self.round = round
        round.start { [unowned self] in answered($0) }
    }

    func forget(_ waiter: AnyObject) {
        waiting[ObjectIdentifier(waiter)] = nil
    }

    /// A sibling has not taken a room: it is passed over until it says again that it takes rooms.
    func doubt(_ sibling: InstanceID) {
        takers.removeAll { $0 == sibling }
        isDoubtful = true
    }

    /// Ends the round; nobody is called back.
    func stop() {
        waiting = [:]
        round?.stop()
        round = nil
    }

    /// True while what the siblings have said is good enough. Where all of it is in doubt, it is not.
    private var isKnown: Bool {
        guard let askedAt, !(isDoubtful && takers.isEmpty) else { return false }
        return .now() < askedAt + (isDoubtful ? limits.takersDoubted : limits.takersKept)
    }

    private func answered(_ takers: [InstanceID]) {
        round = nil
        self.takers = takers
        askedAt = .now()
        isDoubtful = false
        let callbacks = waiting.values
        waiting = [:]
        for callback in callbacks { callback(takers) }
    }
}

/// One question to all siblings: do you take rooms?
private final class RoomTakersRound {
    private let directory: PeerDirectory
    private let most: Int
    private let limits: ClusterLimits
    private let loop: any EventLoop
    private let deadline: NIODeadline
    private var timer: Scheduled<Void>?
    private var toAsk: ArraySlice<InstanceID> = []
    private var asked: [InstanceID: HandoverExchange] = [:]
    private var uptimes: [(sibling: InstanceID, uptime: Int)] = []
    private var onEnd: (([InstanceID]) -> Void)?

    init(in directory: PeerDirectory, most: Int, limits: ClusterLimits, on loop: any EventLoop) {
        self.directory = directory
        self.most = most
        self.limits = limits
        self.loop = loop
        deadline = .now() + limits.takersRound
    }

    func start(onEnd: @escaping ([InstanceID]) -> Void) {
        self.onEnd = onEnd
        timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.end() }
        directory.siblings(for: self) { [unowned self] siblings in
            toAsk = (siblings ?? []).prefix(most)
            askMore()
        }
    }

    func stop() {
        onEnd = nil
        leave()
    }

    private func askMore() {
        while asked.count < limits.takersAskedAtOnce, onEnd != nil, let sibling = toAsk.popFirst() { ask(sibling) }
        if asked.isEmpty { end() }
    }

    private func ask(_ sibling: InstanceID) {
        let connection = HandoverConnection(to: sibling, isKept: false, on: loop)
        let question = HandoverExchange(
            HandoverExchange.Request(method: .GET, path: "/ready"),
            deadline: min(deadline, .now() + limits.takersProbe), on: loop
        ) { [unowned self] in answered($0, by: sibling, on: connection) }
        asked[sibling] = question
        // Held by the request until there is an address.
        question.onStop = { connection.end("given up") }
        directory.addresses(of: sibling, for: connection) { [headStart = limits.addressHeadStart] addresses in
            guard question.isOpen else { return }
            connection.open(at: addresses ?? [], headStart: headStart, for: question)
        }
    }

    private func answered(_ reply: HandoverExchange.Reply, by sibling: InstanceID, on connection: HandoverConnection) {
        directory.forget(connection, waitingFor: sibling)
        asked[sibling] = nil
        if reply.isOfOther(than: sibling) { directory.distrust(sibling) }
        if case .head(let head) = reply, let taker = TakesRooms(head, from: sibling) {
            uptimes.append((sibling, taker.uptime))
        }
        if onEnd != nil { askMore() }
    }

    private func end() {
        guard let onEnd else { return }
        self.onEnd = nil
        leave()
        // By their ids where they are of one age, so that it does not matter who answered first.
        uptimes.sort { ($0.uptime, $0.sibling.text) < ($1.uptime, $1.sibling.text) }
        onEnd(uptimes.map(\.sibling))
    }

    private func leave() {
        timer?.cancel()
        directory.forget(self, waitingFor: [])
        toAsk = []
        for question in asked.values { question.stop() }
        asked = [:]
    }
}
