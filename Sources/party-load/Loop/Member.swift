internal import RelayWire

/// One client and the state of its connection.
///
/// Its methods are the events of the connection; their results tell the loop what to do.
final class Member {
    enum Phase: Hashable, Sendable {
        /// Not connected.
        case away
        /// Waiting for the answer to the upgrade request.
        case upgrading
        /// Waiting for the answer to `create` or `join`.
        case entering
        /// In the room; for a client without a room, connected.
        case seated
        /// Has sent a close, and waits for the server's.
        case leaving
    }

    /// The action that the loop has to take after an event.
    enum Step: Hashable, Sendable {
        case nothing
        /// Send this text.
        case say([UInt8])
        /// Tell the traffic that the member is in its room.
        case seated
        /// Hang up, and count this failure.
        case failed(Failures.Kind)
        /// Hang up, and tell the traffic that the member has left as intended.
        case left
    }

    let room: Room
    /// The position among the room's members; the host has 0.
    let position: Int
    /// The index among all members of the loop.
    let index: Int
    let clientID: String
    /// True if it rests after each read, and so falls behind.
    let isSlow: Bool

    private(set) var phase = Phase.away
    /// Negative while not connected.
    private(set) var descriptor: Int32 = -1
    /// The time at which the connect started.
    private(set) var openedAt: UInt64 = 0
    /// The slot given by the server, which outlives the connection.
    private(set) var slot: Int?
    private var scanner = FrameScanner()
    private var remainder = Remainder()
    private var outbox = Outbox()
    /// Messages that a guest has received from its host.
    private(set) var received = 0
    /// Messages that the host has received from a guest.
    private(set) var receivedByHost = 0

    init(room: Room, position: Int, index: Int, clientID: String, isSlow: Bool) {
        self.room = room
        self.position = position
        self.index = index
        self.clientID = clientID
        self.isSlow = isSlow
    }

    var isHost: Bool { position == 0 }
    var isConnected: Bool { phase != .away }
    var isOpening: Bool { phase == .upgrading || phase == .entering }
    /// False if connected already, or if the room is broken.
    var canConnect: Bool { phase == .away && !room.isBroken }

    /// A connect has started; the request is the first to go out.
    func opened(_ descriptor: Int32, at time: UInt64, request: [UInt8]) {
        self.descriptor = descriptor
        openedAt = time
        phase = .upgrading
        scanner = FrameScanner()
        remainder.reset()
        outbox.reset()
        outbox.append(request)
    }

    /// The server has agreed to the upgrade.
    func upgraded() -> Step {
        guard room.size > 0 else { return enter(.seated, .seated) }
        let returns = !isHost || slot != nil
        let text =
            returns
            ? ClientText.join(clientID: clientID, room: room.code)
            : ClientText.create(clientID: clientID, maxClients: room.size)
        return enter(.entering, .say(text))
    }

    /// The server has sent a text other than a `message`.
    func received(_ text: ServerText, in bytes: Span<UInt8>) -> Step {
        switch text.kind {
        case .created, .joined: entered(text, in: bytes)
        case .error where phase == .entering: .failed(.connect)
        case .error, .unknown: .failed(.errors)
        case .message, .peer, .state: .nothing
        }
    }

    /// The server has assigned a slot in the room.
    private func entered(_ text: ServerText, in bytes: Span<UInt8>) -> Step {
        guard phase == .entering, slot == nil || slot == text.slot, (0..<room.size).contains(text.slot) else {
            return .failed(.errors)
        }
        if text.kind == .created {
            guard isHost, slot == nil else { return .failed(.errors) }
            room.opened(code: text.code.map { bytes[$0] })
        }
        slot = text.slot
        room.seat(self, in: text.slot)
        return enter(.seated, .seated)
    }

    /// The server has closed the connection, or it has failed.
    func disconnected() -> Step {
        switch phase {
        case .away: .nothing
        case .upgrading, .entering: .failed(.connect)
        case .seated: .failed(.closed)
        case .leaving: .left
        }
    }

    /// Queues the close, which the server is expected to answer.
    ///
    /// - Returns: false if the member is not in its room.
    func leave(_ close: [UInt8]) -> Bool {
        guard phase == .seated else { return false }
        phase = .leaving
        outbox.append(close)
        return true
    }

    /// Gives up the connection; the client ID and the slot stay.
    ///
    /// - Returns: the socket to close, if there is one.
    func hungUp() -> Int32? {
        defer {
            descriptor = -1
            phase = .away
        }
        return descriptor >= 0 ? descriptor : nil
    }

    /// The room has ended, and the slot with it.
    func forgetSlot() { slot = nil }

    private func enter(_ phase: Phase, _ step: Step) -> Step {
        self.phase = phase
        return step
    }

    /// The sender of received messages.
    enum Origin {
        case member(Member)
        /// The messages do not count: the room is broken, or this member is leaving.
        case ignored
        /// No member has this slot: a violation of the protocol.
        case unknown
    }

    @inline(__always)
    func origin(ofSlot slot: Int) -> Origin {
        guard !room.isBroken, phase != .leaving else { return .ignored }
        guard phase == .seated, let sender = room.member(in: slot) else { return .unknown }
        return .member(sender)
    }

    /// Counts messages from a host to a guest, or from a guest to its host.
    ///
    /// - Returns: their sequence numbers, from 0, among those from this sender to this receiver.
    @inline(__always)
    static func count(_ count: Int, from sender: Member, to receiver: Member) -> Range<Int> {
        if receiver.isHost {
            sender.receivedByHost += count
            return sender.receivedByHost - count..<sender.receivedByHost
        }
        receiver.received += count
        return receiver.received - count..<receiver.received
    }

    /// The incomplete frame of the last read, to be put in front of the next.
    var rest: [UInt8] { remainder.bytes }

    /// Scans the bytes of one read, with the rest of the last in front.
    ///
    /// - Parameters:
    ///   - hasRest: whether there was one.
    ///   - take: handles an item, and may end the connection.
    /// - Returns: false if the incomplete frame is too long to be kept.
    @inline(__always)
    func scan(
        _ bytes: Span<UInt8>, from start: Int, hasRest: Bool, _ take: (FrameScanner.Item) -> Void
    ) throws(WebSocketViolation) -> Bool {
        // A local copy, so that the member is not accessed for every frame.
        var scanner = scanner
        var offset = start
        if phase != .upgrading {
            offset = try scanner.scan(bytes, from: start) { item in
                take(item)
                return isConnected
            }
        }
        guard isConnected else { return true }
        self.scanner = scanner
        return offset == bytes.count && !hasRest || remainder.keep(bytes, from: offset)
    }

    /// True while the kernel's send buffer is full.
    var isBlocked: Bool { outbox.isBlocked }

    /// Queues one frame that is not part of the traffic.
    func say(_ frame: [UInt8]) {
        outbox.append(frame)
    }

    /// Queues `count` copies of the frame of its traffic.
    @inline(__always)
    func send(_ count: Int, of frame: RepeatedFrame) {
        outbox.add(count, of: frame)
    }

    /// Sends as much as the kernel takes.
    func flush(repeating frame: RepeatedFrame) -> Outbox.Outcome {
        let descriptor = descriptor
        return outbox.send(repeating: frame) { ClientSocket.write(descriptor, $0) }
    }
}
