internal import RelayCore
internal import RelayWire

extension RelayLoop {
    /// Relays a member's data, byte for byte, to all others or to one.
    func relay(
        _ message: ClientMessage, in bytes: Span<UInt8>, from connection: RelayConnection, on loop: Loop
    ) throws(RelayError) {
        if message.isToList { return try relayToList(message, in: bytes, from: connection, on: loop) }
        try connection.withRoom { (room, sender) throws(RelayError) in
            switch try message.recipient(in: bytes) {
            case .others:
                unsafe withRelayed(message, from: sender, in: bytes) { frame in
                    unsafe deliver(frame, toAllIn: room, but: sender, on: loop)
                }
            case .slot(let slot):
                let member = try room.state.seat(of: slot)
                unsafe withRelayed(message, from: sender, in: bytes) { unsafe deliver($0, to: member, on: loop) }
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
            unsafe withRelayed(message, from: sender, in: bytes) { frame in
                unsafe deliver(frame, toAllIn: room, on: loop) { place, _ in chosen[place] }
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

extension RelayLoop {
    /// Memory for relayed frames that has grown beyond this is freed after use.
    static let largestKeptRelayed = (1 << 20) + (64 << 10)

    /// The memory in which to build a frame of that length: with room for longer ones, if it is kept.
    static func roomForRelayed(_ length: Int) -> Int {
        length > largestKeptRelayed ? length : min(max(length + length / 2, 512), largestKeptRelayed)
    }

    /// Builds the frame of a relayed `send`, and lends it to `use`.
    ///
    /// Meanwhile its memory is a local value: nothing else can refer to it, so no references to it are counted.
    @inline(__always)
    private func withRelayed(
        _ message: ClientMessage, from sender: Slot, in bytes: Span<UInt8>, _ use: (UnsafeRawBufferPointer) -> Void
    ) {
        let data = message.data?.range
        let payloadLength = ServerMessage.relayedLength(from: sender, dataLength: data?.count)
        let length = FrameWriter.headerLength(payloadLength: payloadLength) + payloadLength
        var memory: [UInt8] = []
        swap(&memory, &relayedFrame)
        if memory.count < length { memory = [UInt8](repeating: 0, count: RelayLoop.roomForRelayed(length)) }
        var span = memory.mutableSpan
        // Every bit pattern is a valid byte.
        var raw = unsafe span.mutableBytes
        let start = FrameWriter.writeTextHeader(payloadLength: payloadLength, to: &raw)
        if let data {
            ServerMessage.writeRelayed(from: sender, data: bytes.extracting(data), to: &raw, at: start)
        } else {
            ServerMessage.writeRelayed(from: sender, data: nil, to: &raw, at: start)
        }
        unsafe memory.withUnsafeBytes { unsafe use(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
        if memory.count <= RelayLoop.largestKeptRelayed { swap(&memory, &relayedFrame) }
    }
}
