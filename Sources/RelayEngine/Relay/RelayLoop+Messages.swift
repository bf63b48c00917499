internal import RelayCore

extension RelayLoop {
    /// Passes a member's data on, as its own bytes, to the others or to one.
    func relay(
        _ message: ClientMessage, in bytes: Span<UInt8>, from session: RelaySession, on loop: SocketLoop
    ) throws(RelayError) {
        guard let room = session.room else { throw .notInRoom }
        let sender = session.slot
        let recipient = try message.recipient(in: bytes)
        let data = message.data.map { $0.range }
        let append = { (frame: inout [UInt8]) in
            ServerMessage.appendMessage(to: &frame, from: sender, data: data.map { bytes.extracting($0) })
        }
        switch recipient {
        case .others: send(toAllIn: room, but: sender, on: loop, append)
        case .slot(let slot): send(to: try room.state.seat(of: slot).connection, on: loop, append)
        }
    }

    /// Keeps the room's snapshot, and pushes it to the others.
    func setState(
        _ message: ClientMessage, in bytes: Span<UInt8>, from session: RelaySession, on loop: SocketLoop
    ) throws(RelayError) {
        guard let room = session.room else { throw .notInRoom }
        try room.state.checkMaySetState(session.slot)
        let data = bytes.extracting(try message.stateData())
        try room.state.setState(unsafe data.withUnsafeBytes { unsafe Array($0) }, by: session.slot)
        send(toAllIn: room, but: session.slot, on: loop) { ServerMessage.appendState(to: &$0, data: data) }
    }
}
