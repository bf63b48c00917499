internal import RelayCore
internal import RelayWire

/// The rooms of one loop, and the handling of requests and messages for them.
///
/// Everything here runs on the loop's thread: a room and its members' connections are on the same loop, so nothing is
/// shared and nothing blocks.
final class RelayLoop: ConnectionHandler {
    typealias Session = RelaySession
    typealias Timer = RoomTimer
    typealias LookupAnswer = RoomLocation
    typealias Command = RoomCommand
    typealias Loop = SocketLoop<RelayLoop>
    typealias Outcome = RequestOutcome<RelayLoop>

    /// The reason for which a connection moves to the loop that owns its room.
    enum Payload: Sendable {
        case join(JoinRequest)
        /// A valid request for a room, and the room's place there.
        case create(CreateRequest, RoomPlace)
        /// A request, with the search for its room if that is not here.
        case request(Request, search: RoomSearch?)
        /// A room that another machine hands over, with the second in which it said so.
        case arrival(RoomRecord, orderedAt: Int)
        /// A room that another machine has handed over and wants forgotten.
        case recall(RoomCode, orderedAt: Int)
    }

    let shared: RelayShared
    let counters: RelayCounters
    /// The rooms, dormant ones included.
    var rooms: [RoomCode: LiveRoom] = [:]
    var dormantRooms = DormantRooms()
    /// The moment for which the timer of dormant rooms is set; nil if it is not.
    var dormancyTimer: UInt64?
    /// The rooms that were handed over, and to whom.
    var newHomes: [RoomCode: InstanceID] = [:]
    /// Orders to forget a room.
    var recalls = RecalledRooms()
    /// Rooms that this machine's end has closed on their way to another one.
    var closedOnJourney: Set<RoomCode> = []
    /// Rooms from before a restart, which come in when the loop starts.
    var arrivals: [RoomRecord]
    /// The buffer in which each frame is built, once for all its receivers.
    var frame: [UInt8] = []
    /// The memory in which the frames of relayed messages are built.
    var relayedFrame: [UInt8] = []
    private var random = RandomBlock()
    private let codes: CodeDraw

    /// Codes that are tried for each machine of the region; as many machines, so many are drawn on average until one is
    /// won. If none is, any will do: that siblings ask here first is a hint and no rule.
    private static let drawsPerMachine = 16

    init(shared: RelayShared, counters: RelayCounters, arrivals: [RoomRecord] = []) {
        self.arrivals = arrivals
        self.shared = shared
        codes = CodeDraw(shared.configuration.codes, home: shared.configuration.identity.region)
        self.counters = counters
    }

    func opened(_ connection: RelayConnection, on loop: Loop) {
        detailOpened(connection, on: loop)
        loop.setDeadline(connection, seconds: shared.configuration.joinTimeout)
    }

    /// Handles a message; a binary one is read like text.
    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: RelayConnection, on loop: Loop
    ) -> MessageOutcome<Payload> {
        do throws(RelayError) {
            let parsed = try ClientMessage.parse(message)
            switch parsed.kind {
            case .send: try relay(parsed, in: message, from: connection, on: loop)
            case .setState: try setState(parsed, in: message, from: connection, on: loop)
            case .closeRoom: try closeRoom(of: connection.relaySession, on: loop)
            case .leave: try leave(connection, on: loop)
            case .create, .join, .ping, .kick, .lock, .ticket:
                let details = parsed.details(in: message)
                return try receive(parsed.kind, details, in: message, from: connection, on: loop)
            }
        } catch {
            answer(error, to: connection, on: loop)
        }
        return .stay
    }

    /// Handles a message of a kind that is rare.
    private func receive(
        _ kind: ClientMessage.Kind, _ details: MessageDetails, in message: Span<UInt8>,
        from connection: RelayConnection, on loop: Loop
    ) throws(RelayError) -> MessageOutcome<Payload> {
        let session = connection.relaySession
        switch kind {
        case .create, .join:
            if details.asksForMore(in: message) {
                session.asksForMore = true
                loop.skipObsoleteFrames(to: connection)
            }
            return kind == .create
                ? try create(details, in: message, for: connection, on: loop)
                : try join(details, in: message, with: connection, on: loop)
        case .ping: pong(details, in: message, to: connection, on: loop)
        case .kick: try kick(details, in: message, by: session, on: loop)
        case .lock: try lock(details, in: message, by: session)
        case .ticket: try issueTicket(details, in: message, to: connection, on: loop)
        case .send, .setState, .closeRoom, .leave: preconditionFailure("these have no details")
        }
        return .stay
    }

    func adopt(_ connection: RelayConnection, with message: Payload, on loop: Loop) {
        do throws(RelayError) {
            switch message {
            case .join(let request): try enter(request, with: connection, on: loop)
            case .create(let request, let place): try open(request, at: place, for: connection, on: loop)
            case .request, .arrival, .recall: preconditionFailure("a WebSocket has no request that could move")
            }
        } catch {
            answer(error, to: connection, on: loop)
        }
    }

    func closed(_ connection: RelayConnection, _ departure: PeerDeparture, on loop: Loop) {
        shared.admission.connectionEnded(of: connection.relaySession.caller)
        leave(connection.relaySession, departure.reason, mayReturn: departure.mayReturn, on: loop)
    }

    func isMember(_ connection: RelayConnection) -> Bool { connection.session?.room != nil }

    func deadlinePassed(_ connection: RelayConnection, on loop: Loop) {
        limitExceeded(.joinTimeout, on: loop)
        loop.close(connection, .noRoom, reason: "no room")
    }

    func timerFired(_ timer: RoomTimer, on loop: Loop) {
        switch timer {
        case .grace(let room): graceTimerFired(in: room, on: loop)
        case .dormancy: dormancyTimerFired(on: loop)
        }
    }

    /// Draws a free code whose room this loop owns, and which this machine wins among those of its region, so that
    /// siblings ask here first.
    func drawCode(on loop: Loop) -> RoomCode {
        let rendezvous = shared.rendezvous?()
        var draws = (rendezvous?.count ?? 0) * RelayLoop.drawsPerMachine
        while true {
            let code = codes.next(using: &random)
            guard shared.owner(of: code) == loop.index, rooms[code] == nil else { continue }
            guard let rendezvous, let own = shared.configuration.identity.instance, draws > 0 else { return code }
            if rendezvous.isWon(by: own, code) { return code }
            draws -= 1
        }
    }

    /// The id of a client, and what the relay has drawn for one that has none.
    func identity(for given: ClientID?) -> (id: ClientID, drawn: ClientID?) {
        if let given { return (given, nil) }
        let drawn = ClientID(random: random.next(), random.next())
        return (drawn, drawn)
    }

    func drawTicket() -> Ticket {
        Ticket(random: random.next(), random.next())
    }

    /// A hash under a new random key.
    func drawHash() -> SipHash {
        SipHash(key0: random.next(), key1: random.next())
    }

    static func name(of limit: TransportLimit) -> String { Limit(limit).rawValue }

    /// Counts a limit that a client has exceeded, and logs it.
    func limitExceeded(_ limit: Limit, on loop: Loop) {
        counters.limitsExceeded.add(1, for: limit)
        loop.logExceeded(limit: limit.rawValue)
    }

    /// Tells the client what was wrong; the connection stays open.
    func answer(_ error: RelayError, to connection: RelayConnection, on loop: Loop) {
        if error == .clientIDTooLong { limitExceeded(.clientIDBytes, on: loop) }
        counters.errors.add(1, for: error.kind)
        detailRefused(error, to: connection, on: loop)
        let session = connection.relaySession
        let retryAfter = session.asksForMore ? retryAfterSeconds(of: error, for: session.caller, on: loop) : nil
        send(to: connection, on: loop) { bytes in
            ServerMessage.appendError(to: &bytes, error, isCoded: session.asksForMore, retryAfter: retryAfter)
        }
    }
}

/// The purpose of a timer.
enum RoomTimer {
    /// The end of the grace time of a room's host.
    case grace(RoomCode)
    /// The end of the next dormant room.
    case dormancy
}

extension PeerDeparture {
    fileprivate var reason: PeerLeftReason {
        switch self {
        case .closeFrame: .closed
        case .none: .lost
        }
    }

    /// A close frame is a goodbye, unless it says that a page goes away: a reload does so, too.
    fileprivate var mayReturn: Bool {
        switch self {
        case .closeFrame(.goingAway), .none: true
        case .closeFrame: false
        }
    }
}

/// A client's connection to a relay.
typealias RelayConnection = Connection<RelayLoop>
