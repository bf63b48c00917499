internal import RelayCore
internal import RelayWire

extension RelayLoop {
    /// Relays a member's data, byte for byte, to all others or to one.
    func relay(
        _ message: ClientMessage, in bytes: Span<UInt8>, from connection: RelayConnection, on loop: Loop
    ) throws(RelayError) {
        if message.isToList { return try relayToList(message, in: bytes, from: connection, on: loop) }
        try connection.withRoom { (room, sender) throws(RelayError) in
            let frame = RelayedFrame(data: message.data?.range, from: sender)
            switch try message.recipient(in: bytes) {
            case .others:
                unsafe withRelayed(frame, in: bytes) { unsafe deliver($0, toAllIn: room, but: sender, on: loop) }
            case .slot(let slot):
                let member = try room.state.seat(of: slot)
                guard frame.length < TransportSettings.sharedBytes else {
                    return unsafe withRelayed(frame, in: bytes) { unsafe deliver($0, to: member, on: loop) }
                }
                member.send(length: frame.length, on: loop) { frame.write(to: &$0, from: bytes) }
                counters.deliveries.add(1)
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
            unsafe withRelayed(RelayedFrame(data: message.data?.range, from: sender), in: bytes) { frame in
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
    private func withRelayed(_ frame: RelayedFrame, in bytes: Span<UInt8>, _ use: (UnsafeRawBufferPointer) -> Void) {
        let length = frame.length
        var memory: [UInt8] = []
        swap(&memory, &relayedFrame)
        if memory.count < length { memory = [UInt8](repeating: 0, count: RelayLoop.roomForRelayed(length)) }
        var span = memory.mutableSpan
        // Every bit pattern is a valid byte.
        var raw = unsafe span.mutableBytes
        frame.write(to: &raw, from: bytes)
        unsafe memory.withUnsafeBytes { unsafe use(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
        if memory.count <= RelayLoop.largestKeptRelayed { swap(&memory, &relayedFrame) }
    }
}

/// The frame that a `send` becomes: measured first, and then written in one pass.
private struct RelayedFrame {
    /// The whole frame's.
    let length: Int
    private let payloadLength: Int
    private let sender: Slot
    /// The sender's own bytes in its message, if there are any.
    private let data: Range<Int>?

    @inline(__always)
    init(data: Range<Int>?, from sender: Slot) {
        self.data = data
        self.sender = sender
        payloadLength = RelayedMessage.length(from: sender, dataLength: data?.count)
        length = FrameWriter.headerLength(payloadLength: payloadLength) + payloadLength
    }

    /// Writes the frame to the start of `space`.
    @inline(__always)
    func write(to space: inout MutableRawSpan, from message: Span<UInt8>) {
        let start = FrameWriter.writeTextHeader(payloadLength: payloadLength, to: &space)
        if let data {
            RelayedMessage.write(from: sender, data: message.extracting(data), to: &space, at: start)
        } else {
            RelayedMessage.write(from: sender, data: nil, to: &space, at: start)
        }
    }
}
