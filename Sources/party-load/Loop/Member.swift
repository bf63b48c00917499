internal import RelayWire

/// One client: its connection, and how far it is with it.
///
/// Its methods are what happens to the connection; their result tells the loop what to do about it.
final class Member {
    enum Phase: Hashable, Sendable {
        /// There is no connection.
        case away
        /// Until the answer to the upgrade.
        case upgrading
        /// Until the answer to `create` or `join`.
        case entering
        /// In the room; without one, open.
        case seated
        /// Has said goodbye.
        case leaving
    }

    /// What the loop has to do about what has happened.
    enum Step: Hashable, Sendable {
        case nothing
        /// Send this text.
        case say([UInt8])
        /// The member is in its room: let the traffic know.
        case seated
        /// Hang up, and count that failure.
        case failed(Failures.Kind)
        /// The goodbye is answered: hang up, and let the traffic know.
        case left
    }

    let room: Room
    /// Among the room's members.
    let position: Int
    /// Among all of the loop's.
    let index: Int
    let clientID: String

    private(set) var phase = Phase.away
    /// Negative while there is no connection.
    private(set) var descriptor: Int32 = -1
    /// When the connection was begun.
    private(set) var openedAt: UInt64 = 0
    /// The slot it was given, which outlives the connection.
    private(set) var slot: Int?
    private var scanner = FrameScanner()
    private var remainder = Remainder()
    private var outbox = Outbox()

    init(room: Room, position: Int, index: Int, clientID: String) {
        self.room = room
        self.position = position
        self.index = index
        self.clientID = clientID
    }

    var isHost: Bool { position == 0 }
    var isConnected: Bool { phase != .away }
    var isOpening: Bool { phase == .upgrading || phase == .entering }
    /// False also where its host was lost.
    var canConnect: Bool { phase == .away && !room.isBroken }

    /// A connection has begun, on which the request is to go out first.
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

    /// A text has come that is no `message`.
    func received(_ text: ServerText, in bytes: Span<UInt8>) -> Step {
        switch text.kind {
        case .created, .joined: entered(text, in: bytes)
        case .error where phase == .entering: .failed(.connect)
        case .error, .unknown: .failed(.errors)
        case .message, .peer, .state: .nothing
        }
    }

    /// The server has given it a slot in the room.
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

    /// The server has closed the connection, or it is broken.
    func disconnected() -> Step {
        switch phase {
        case .away: .nothing
        case .upgrading, .entering: .failed(.connect)
        case .seated: .failed(.closed)
        case .leaving: .left
        }
    }

    /// Says goodbye; the server is expected to close the connection.
    ///
    /// - Returns: false if it is not seated.
    func leave(_ close: [UInt8]) -> Bool {
        guard phase == .seated else { return false }
        phase = .leaving
        outbox.append(close)
        return true
    }

    /// The connection is given up; the identity and the slot stay.
    ///
    /// - Returns: the socket, if there was one.
    func hungUp() -> Int32? {
        defer {
            descriptor = -1
            phase = .away
        }
        return descriptor >= 0 ? descriptor : nil
    }

    /// Its room has ended.
    func forgetSlot() { slot = nil }

    private func enter(_ phase: Phase, _ step: Step) -> Step {
        self.phase = phase
        return step
    }

    /// The sender of messages that have come from a slot.
    enum Origin {
        case member(Member)
        /// They do not count: the room is broken, or this member has said goodbye and may still hear something.
        case ignored
        /// No server may send them.
        case unknown
    }

    @inline(__always)
    func origin(ofSlot slot: Int) -> Origin {
        guard !room.isBroken, phase != .leaving else { return .ignored }
        guard phase == .seated, let sender = room.member(in: slot) else { return .unknown }
        return .member(sender)
    }

    /// What the last read left over, to be put in front of the next.
    var rest: [UInt8] { remainder.bytes }

    /// Scans what one read has brought, behind the rest of the last.
    ///
    /// - Parameter take: handles an item, upon which the connection may have ended.
    /// - Returns: false if more is left over than any frame that is waited for.
    @inline(__always)
    func scan(
        _ bytes: Span<UInt8>, from start: Int, _ take: (FrameScanner.Item) -> Void
    ) throws(WebSocketViolation) -> Bool {
        // A copy, so that the member is not accessed for every frame.
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
        return offset == bytes.count && rest.isEmpty || remainder.keep(bytes, from: offset)
    }

    /// Queues one frame that is no part of the traffic.
    func say(_ frame: [UInt8]) {
        outbox.append(frame)
    }

    /// Queues its frame of the traffic so many times.
    @inline(__always)
    func send(_ count: Int, of frame: RepeatedFrame) {
        outbox.add(count, of: frame)
    }

    /// Whether the kernel has to report when it takes more.
    var isBlocked: Bool { outbox.isBlocked }

    /// Sends what the kernel takes.
    ///
    /// - Returns: false if the connection is broken.
    func flush(repeating frame: RepeatedFrame) -> Bool {
        let descriptor = descriptor
        return outbox.send(repeating: frame) { ClientSocket.write(descriptor, $0) }
    }
}
