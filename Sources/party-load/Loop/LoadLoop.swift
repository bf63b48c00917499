internal import RelayWire

/// The event loop of one thread and its clients, with their rooms and sockets.
///
/// Only its own thread touches it. A turn reads all sockets that are ready, then sends once for each member that has
/// something to send.
final class LoadLoop {
    let rooms: [Room]
    /// The members of all rooms, by index.
    let members: [Member]
    private let control: RunControl
    private let upgrade: UpgradeRequest
    private let frames: ClientFrames
    private let buffer = ReadBuffer()
    private var queue: ReadinessQueue
    private var dialer: Dialer
    private var openings: OpeningQueue
    private var dirty: DirtyList
    private var resting = RestingReaders()
    private var traffic: any Traffic = RestingTraffic()
    private(set) var clock: LoopClock
    /// The number of members in their rooms.
    private(set) var seated = 0
    /// Deliveries not yet added to the progress, whose counter all loops share.
    private var unreported = 0
    /// Not private, because the traffic and the run record into it; its own state is private.
    var meter = LoopMeter()

    /// - Returns: nil if the kernel provides no epoll descriptor.
    init?(plan: LoadPlan, share: LoopShare, control: RunControl) {
        guard let queue = ReadinessQueue() else { return nil }
        self.queue = queue
        self.control = control
        clock = LoopClock(start: Clocks.monotonic(), patience: Clocks.nanoseconds(plan.patience))
        let size = max(plan.members, 1)
        rooms = (0..<share.rooms).map { number in
            Room(
                members: plan.members, slow: plan.slow, firstIndex: number * size, name: "\(share.name)-\(number)")
        }
        members = rooms.flatMap(\.members)
        upgrade = UpgradeRequest(url: plan.url, nonce: (0..<16).map { _ in .random(in: 0...255) })
        frames = ClientFrames(payload: plan.payload, maskingKey: .random(in: 1 ... .max))
        dialer = Dialer(server: share.server, sources: share.sources)
        openings = OpeningQueue(limit: share.inFlight)
        dirty = DirtyList(members: members.count)
    }

    deinit {
        for member in members { member.hungUp().map(ClientSocket.abandon) }
    }

    var now: UInt64 { clock.now }

    /// Reads the clock again after work that took a while.
    @inline(__always)
    func readClock() { clock.advance(to: Clocks.monotonic()) }

    /// Restarts the patience.
    func noteProgress() { clock.noteProgress() }

    /// Replaces the traffic that the members follow.
    func follow(_ traffic: any Traffic) {
        self.traffic = traffic
    }

    /// Waits for events until the deadline at most, handles them, and sends what they have caused.
    func turn(until deadline: UInt64) {
        let ready = queue.wait(nanoseconds: clock.wait(until: min(deadline, resting.nextDue)))
        readClock()
        wakeReaders()
        for index in 0..<ready {
            let (token, isReadable, isWritable) = queue.readiness(index)
            let member = members[token]
            if isWritable { flush(member) }
            if isReadable { read(member) }
        }
        traffic.work(self)
        openMore()
        flushDirty()
        if unreported > 0 {
            control.deliveries.add(unreported)
            unreported = 0
        }
    }

    /// Marks a member for sending at the end of the turn.
    @inline(__always)
    func touch(_ member: Member) {
        dirty.insert(member.index)
    }

    private func flushDirty() {
        while let index = dirty.popFirst() {
            let member = members[index]
            add(traffic.refill(member), from: member)
            flush(member)
        }
    }
}

extension LoadLoop {
    /// Queues `count` more messages of a member.
    @inline(__always)
    func send(_ count: Int, from member: Member) {
        add(count, from: member)
        touch(member)
    }

    @inline(__always)
    private func add(_ count: Int, from member: Member) {
        guard count > 0 else { return }
        member.send(count, of: frames.frame(of: member))
        meter.countSent(count)
    }

    /// Queues one frame that is not part of the traffic for the end of the turn.
    private func say(_ opcode: Opcode, _ payload: Span<UInt8>, to member: Member) {
        member.say(frames.single(opcode, payload))
        touch(member)
    }

    /// Sends a close for a member that is in its room.
    func leave(_ member: Member) {
        guard member.leave(frames.close) else { return }
        seated -= 1
        touch(member)
    }

    /// Sends as much as the kernel takes, and asks for its report if that is not all.
    private func flush(_ member: Member) {
        guard member.isConnected else { return }
        switch member.flush(repeating: frames.frame(of: member)) {
        case .unchanged: break
        case .blocked: queue.watch(member.descriptor, token: member.index, forWriting: true)
        case .unblocked: queue.watch(member.descriptor, token: member.index, forWriting: false)
        case .failed: take(member.disconnected(), of: member)
        }
    }
}

extension LoadLoop {
    /// Lets a member that falls behind rest until its next read.
    private func rest(_ member: Member) {
        queue.ignore(member.descriptor, token: member.index)
        resting.append(member.index, at: now)
    }

    private func wakeReaders() {
        while let index = resting.popDue(at: now) {
            guard members[index].isConnected else { continue }
            queue.watch(members[index].descriptor, token: index, forWriting: members[index].isBlocked)
        }
    }
}

extension LoadLoop {
    private func read(_ member: Member) {
        guard member.isConnected else { return }
        let descriptor = member.descriptor
        switch unsafe buffer.receive({ unsafe ClientSocket.read(descriptor, into: $0) }) {
        case .wouldBlock: break
        case .ended:
            if member.phase == .upgrading { FirstReason.note("it hangs up on the upgrade") }
            take(member.disconnected(), of: member)
        case .bytes(let count):
            readClock()
            if member.isSlow, member.phase == .seated { rest(member) }
            let rest = member.rest
            let start = buffer.prepend(rest)
            buffer.withBytes(from: start, received: count) { read($0, of: member, hasRest: !rest.isEmpty) }
        }
    }

    @inline(__always)
    private func read(_ bytes: Span<UInt8>, of member: Member, hasRest: Bool) {
        var offset = 0
        if member.phase == .upgrading {
            switch upgrade.answer(in: bytes) {
            case .incomplete: break
            case .refused(let reason):
                FirstReason.note(reason)
                return take(.failed(.connect), of: member)
            case .agreed(let length):
                offset = length
                take(member.upgraded(), of: member)
            }
        }
        let isSound = try? member.scan(bytes, from: offset, hasRest: hasRest) { take($0, of: member, in: bytes) }
        if isSound != true { garbled(member) }
    }

    @inline(__always)
    private func take(_ item: FrameScanner.Item, of member: Member, in bytes: Span<UInt8>) {
        switch item {
        case .messages(let count, let slot):
            unreported += count
            meter.countDelivered(count)
            switch member.origin(ofSlot: slot) {
            case .member(let sender): traffic.delivered(count, from: sender, to: member, self)
            case .ignored: break
            case .unknown: garbled(member)
            }
        case .event(.text(let text)):
            if text.kind == .error { FirstReason.note("it says: \(text.message(in: bytes))") }
            take(member.received(text, in: bytes), of: member)
        case .event(.ping(let payload)): say(.pong, bytes.extracting(payload), to: member)
        case .event(.close): take(member.disconnected(), of: member)
        case .event(.other): break
        }
    }

    /// Ends the connection of a member whose server has violated the protocol.
    func garbled(_ member: Member) {
        take(.failed(.errors), of: member)
    }

    private func take(_ step: Member.Step, of member: Member) {
        switch step {
        case .nothing: break
        case .say(let text): say(.text, text.span, to: member)
        case .seated:
            openings.end()
            seated += 1
            noteProgress()
            control.connections.add(1)
            traffic.seated(member, self)
        case .failed(let kind):
            meter.failures.add(kind)
            member.room.markBroken()
            hangUp(member)
        case .left:
            hangUp(member)
            traffic.left(member, self)
        }
    }

    /// Closes the socket; the member keeps its client ID and its slot.
    func hangUp(_ member: Member) {
        if member.isOpening { openings.end() }
        if member.phase == .seated { seated -= 1 }
        if let descriptor = member.hungUp() { ClientSocket.abandon(descriptor) }
    }
}

extension LoadLoop {
    var isOpening: Bool { !openings.isEmpty }

    /// Queues members to be connected, as fast as the limit on handshakes allows.
    func enqueue(_ added: some Sequence<Member>) {
        openings.append(contentsOf: added)
    }

    private func openMore() {
        while let member = openings.popNext() { open(member) }
    }

    private func open(_ member: Member) {
        let start = Clocks.monotonic()
        guard let descriptor = dialer.dial(isSlow: member.isSlow) else { return take(.failed(.connect), of: member) }
        guard queue.add(descriptor, token: member.index) else {
            ClientSocket.abandon(descriptor)
            return take(.failed(.connect), of: member)
        }
        member.opened(descriptor, at: start, request: upgrade.bytes)
        openings.begin()
        // On loopback the connection is already established; elsewhere the kernel reports when it is.
        flush(member)
    }

    /// Connects members, and waits until each is in its room or has failed.
    func openAll(_ first: some Sequence<Member>) {
        noteProgress()
        enqueue(first)
        openMore()
        turn { isOpening }
    }

    /// Takes turns while the condition holds and the run is not cut short. Without progress for too long it gives up the
    /// members that are still connecting.
    func turn(while goesOn: () -> Bool) {
        while goesOn(), !control.isCutShort {
            turn(until: clock.patienceEnd)
            guard !clock.isStuck else { return giveUpOpening() }
        }
    }

    private func giveUpOpening() {
        for member in members where member.isOpening { take(.failed(.connect), of: member) }
        meter.failures.add(.connect, openings.removeAll())
    }
}
