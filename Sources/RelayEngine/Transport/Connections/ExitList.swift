internal import Logging
internal import RelayWire

/// The way in which a connection leaves its loop.
enum Exit<Handler: ConnectionHandler> {
    case close(Ending)
    /// It moves to another loop, with the payload that its handler there handles first.
    case move(toLoop: Int, payload: Handler.Payload)
}

/// The way in which a connection is closed.
enum Ending {
    /// Send a close frame with this code, then finish.
    case close(CloseCode, reason: String)
    /// Echo the peer's close frame, then finish.
    case echo(CloseCode?, reason: String)
    /// Send queued output, then finish.
    case finish
    /// Close the socket at once, without sending anything.
    case abort
}

extension Ending {
    var departure: PeerDeparture {
        if case .echo(let code, _) = self { .closeFrame(code) } else { .none }
    }

    /// The end of a WebSocket for a log. A client's own reason is a message of its game, and left out.
    var details: Logger.Metadata {
        switch self {
        case .close(let code, let reason): ["reason": "\(reason)", "code": .stringConvertible(code.rawValue)]
        case .echo(let code?, _): ["reason": "closed by the client", "code": .stringConvertible(code.rawValue)]
        case .echo(nil, _): ["reason": "closed by the client"]
        case .finish: ["reason": "ended without a close frame"]
        case .abort: ["reason": "lost"]
        }
    }
}

/// The connections that are to leave a loop once no caller is in the middle of handling them.
///
/// Closes are processed at the end of each step, so that a freed place is available to the next client. Moves wait for
/// the end of the turn, after the last flush: no caller holds the connection then, and its output is with the kernel or
/// waits for it.
struct ExitList<Handler: ConnectionHandler> {
    struct Close {
        let connection: Connection<Handler>
        let ending: Ending
    }

    struct Move {
        /// Its key alone: the table must hold the only reference when the connection moves.
        let key: ConnectionKey
        let target: Int
        let payload: Handler.Payload
    }

    private var closes: [Close] = []
    private var nextClose = 0
    private var moves: [Move] = []

    var hasCloses: Bool { !closes.isEmpty }

    mutating func add(_ exit: Exit<Handler>, of connection: Connection<Handler>) {
        switch exit {
        case .close(let ending): closes.append(Close(connection: connection, ending: ending))
        case .move(let target, let payload): moves.append(Move(key: connection.key, target: target, payload: payload))
        }
    }

    /// Takes the next close, in the order in which they were decided; nil once none is left.
    mutating func takeClose() -> Close? {
        guard nextClose < closes.count else {
            if nextClose > 0 { closes.removeAll(keepingCapacity: true) }
            nextClose = 0
            return nil
        }
        nextClose += 1
        return closes[nextClose - 1]
    }

    mutating func takeMoves() -> [Move] {
        guard !moves.isEmpty else { return [] }
        defer { moves.removeAll() }
        return moves
    }
}
