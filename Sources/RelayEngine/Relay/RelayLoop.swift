internal import RelayCore
internal import RelayWire

/// The rooms of one loop, and what requests and messages do to them.
///
/// Everything here happens on the loop's thread: a room and all its members' connections live on the same loop, so
/// nothing is shared and nothing waits.
final class RelayLoop: ConnectionHandler {
    let shared: RelayShared
    let counters: LoopCounters
    var rooms: [RoomCode: LiveRoom] = [:]
    /// Where each frame is put together, once for all its receivers.
    var frame: [UInt8] = []
    private var random = SystemRandomNumberGenerator()

    init(shared: RelayShared, counters: LoopCounters) {
        self.shared = shared
        self.counters = counters
    }

    func opened(_ connection: Connection, on loop: SocketLoop) {
        loop.setDeadline(connection, seconds: shared.configuration.joinTimeout)
    }

    /// A binary message is read as if it were text.
    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: Connection, on loop: SocketLoop
    ) -> MessageOutcome {
        do throws(RelayError) {
            let parsed = try ClientMessage.parse(message)
            switch parsed.kind {
            case .send: try relay(parsed, in: message, from: connection, on: loop)
            case .setState: try setState(parsed, in: message, from: connection, on: loop)
            case .closeRoom: try closeRoom(of: connection.relaySession, on: loop)
            case .create: try create(parsed, in: message, for: connection, on: loop)
            case .join: return try join(parsed, in: message, with: connection, on: loop)
            }
        } catch {
            answer(error, to: connection, on: loop)
        }
        return .stay
    }

    func adopt(_ connection: Connection, cargo: any ConnectionCargo, on loop: SocketLoop) {
        guard let join = cargo as? JoinCargo else { preconditionFailure("a relay's connection moves for a join") }
        do throws(RelayError) {
            try enter(join.request, with: connection, on: loop)
        } catch {
            answer(error, to: connection, on: loop)
        }
    }

    func closed(_ connection: Connection, on loop: SocketLoop) {
        shared.admission.connectionEnded()
        leave(connection.relaySession, on: loop)
    }

    func deadlinePassed(_ connection: Connection, on loop: SocketLoop) {
        loop.limitExceeded(.joinTimeout)
        loop.close(connection, .noRoom, reason: "no room")
    }

    func timerFired(_ timer: HandlerTimer, on loop: SocketLoop) {
        guard let code = RoomCode(number: timer.subject) else { return }
        graceTimerFired(in: code, on: loop)
    }

    /// A code that is free, and whose room belongs to this loop.
    func drawCode(on loop: SocketLoop) -> RoomCode {
        while true {
            let code = RoomCode(home: shared.configuration.identity.region, random: random.next())
            if shared.owner(of: code) == loop.index, rooms[code] == nil { return code }
        }
    }

    /// Tells the client what was wrong; the connection stays open.
    func answer(_ error: RelayError, to connection: Connection, on loop: SocketLoop) {
        switch error {
        case .serverFull: loop.limitExceeded(.rooms)
        case .clientIDTooLong: loop.limitExceeded(.clientIDBytes)
        case .tooManyAttempts: loop.limitExceeded(.missesPerMinute)
        default: break
        }
        counters.errors.add(1, for: error.kind)
        send(to: connection, on: loop) { ServerMessage.appendError(to: &$0, error) }
    }
}
