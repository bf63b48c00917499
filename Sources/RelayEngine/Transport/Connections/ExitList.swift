internal import RelayWire

/// How a connection leaves its loop.
enum Exit<Handler: ConnectionHandler> {
    case close(Ending)
    /// Another loop gets it, with what its handler there is to do first.
    case move(toLoop: Int, payload: Handler.Payload)
}

/// How a connection is to be closed.
enum Ending {
    /// Say why and finish.
    case close(CloseCode, reason: String)
    /// The peer said why; say it back.
    case echo(CloseCode?)
    /// Send what is queued, then finish.
    case finish
    /// There is nobody to say anything to.
    case abort
}

/// The connections that leave a loop, until nobody is in the middle of handling one of them.
///
/// Closes are worked off at the end of each step, since a place that becomes free is free for whoever comes next. Moves
/// wait for the end of the turn, after the last flush: no caller holds the connection then, and what it was sent is with
/// the kernel or waits for it.
struct ExitList<Handler: ConnectionHandler> {
    struct Close {
        let connection: Connection<Handler>
        let ending: Ending
    }

    struct Move {
        /// Its name alone: the table is to hold the only reference when the connection goes.
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

    /// The next close, in the order in which they were decided; nil once all have been handed out.
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
