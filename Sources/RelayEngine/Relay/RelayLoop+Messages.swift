internal import RelayCore

extension RelayLoop {
    /// Relays a member's data, byte for byte, to all others or to one.
    func relay(
        _ message: ClientMessage, in bytes: Span<UInt8>, from connection: RelayConnection, on loop: Loop
    ) throws(RelayError) {
        if message.isToList { return try relayToList(message, in: bytes, from: connection, on: loop) }
        try connection.withRoom { (room, sender) throws(RelayError) in
            switch try message.recipient(in: bytes) {
            case .others:
                send(toAllIn: room, but: sender, on: loop) { message.appendRelayed(to: &$0, from: sender, in: bytes) }
            case .slot(let slot):
                let member = try room.state.seat(of: slot)
                send(to: member, on: loop) { message.appendRelayed(to: &$0, from: sender, in: bytes) }
            }
        }
    }

    /// Relays a member's data to each slot of a list that is connected, once.
    private func relayToList(
        _ message: ClientMessage, in bytes: Span<UInt8>, from connection: RelayConnection, on loop: Loop
    ) throws(RelayError) {
        try connection.withRoom { (room, sender) throws(RelayError) in
            // To others a list is what it always was: no slot.
            guard connection.relaySession.asksForMore else { throw .targetNotFound }
            var chosen = [Bool](repeating: false, count: room.state.seats.count)
            try message.forEachRecipient(in: bytes) { slot in
                if let place = room.state.place(of: slot) { chosen[place] = true }
            }
            guard chosen.contains(true) else { throw .targetNotFound }
            send(toAllIn: room, on: loop, where: { place, _ in chosen[place] }) {
                message.appendRelayed(to: &$0, from: sender, in: bytes)
            }
        }
    }

    /// Answers a client that wants to know whether it is heard, and how long that takes.
    func pong(_ message: MessageDetails, in bytes: Span<UInt8>, to connection: RelayConnection, on loop: Loop) {
        sendCopied(to: connection, on: loop) { frame in
            if let echo = message.echo {
                ServerMessage.appendPong(to: &frame, echo: bytes.extracting(echo.range))
            } else {
                ServerMessage.appendPong(to: &frame, echo: nil)
            }
        }
    }

    /// Stores the room's snapshot, and sends it to the others.
    func setState(
        _ message: ClientMessage, in bytes: Span<UInt8>, from connection: RelayConnection, on loop: Loop
    ) throws(RelayError) {
        try connection.withRoom { (room, sender) throws(RelayError) in
            try room.state.checkMaySetState(sender)
            let data = bytes.extracting(try message.stateData(in: bytes))
            try checkMemory(for: room.state.growth(bySnapshotOf: data.count), on: loop)
            try room.state.setState(unsafe data.withUnsafeBytes { unsafe Array($0) }, by: sender)
            room.changes += 1
            recount(room, on: loop)
            sendState(data, toAllIn: room, but: sender, on: loop)
        }
    }
}

extension ClientMessage {
    fileprivate func appendRelayed(to frame: inout [UInt8], from sender: Slot, in bytes: Span<UInt8>) {
        if let data {
            ServerMessage.appendMessage(to: &frame, from: sender, data: bytes.extracting(data.range))
        } else {
            ServerMessage.appendMessage(to: &frame, from: sender, data: nil)
        }
    }
}
