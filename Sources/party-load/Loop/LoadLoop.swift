internal import RelayWire

/// One thread's clients: their rooms, their sockets, and what they send each other.
///
/// Only its own thread touches it. A turn reads all sockets that are ready, then sends for each member once.
@safe final class LoadLoop {
    let plan: LoadPlan
    let share: LoopShare
    let control: RunControl
    let rooms: [Room]
    let members: [Member]
    var queue: ReadinessQueue
    var meter = LoopMeter()
    /// Nanoseconds of the monotonic clock, as of the last event.
    var now: UInt64
    let startedAt: UInt64
    /// What was to be sent in this time counts.
    var counted: Range<UInt64> = 0..<0

    /// Members that are to be connected, in their order, from `nextToOpen` on.
    var toOpen: [Member] = []
    var nextToOpen = 0
    /// Handshakes under way.
    var opening = 0
    var seated = 0
    /// When a member last got ahead: without that nothing is waited for without end.
    var lastProgress: UInt64 = 0
    /// Sockets opened so far, which take the source addresses in turn.
    var dialed = 0

    /// Members with something to send at the end of the turn.
    var dirty: [Member] = []
    /// Not every message counts for the progress one by one.
    private var reportedDeliveries = 0
    var heardDeliveries = 0

    let handshake: OpeningHandshake.Request
    let request: [UInt8]
    let maskingKey: UInt32
    /// What hosts and guests send, again and again.
    let hostFrame: RepeatedFrame
    let guestFrame: RepeatedFrame
    let readBuffer: UnsafeMutableRawBufferPointer
    var traffic: (any Traffic)?
    /// How long nothing may go ahead, in nanoseconds.
    let patience: UInt64

    /// In front of what is read, for the start of a frame that the last read ended with.
    static let headroom = 20_480
    static let readBytes = 262_144
    private static let longestWait: UInt64 = 20_000_000

    /// - Returns: nil if the kernel gives no queue.
    init?(plan: LoadPlan, share: LoopShare, control: RunControl) {
        guard let queue = ReadinessQueue() else { return nil }
        self.queue = queue
        self.plan = plan
        self.share = share
        self.control = control
        startedAt = Clocks.monotonic()
        now = startedAt
        patience = Clocks.nanoseconds(plan.patience)
        let size = max(plan.members, 1)
        rooms = (0..<share.rooms).map { number in
            Room(members: plan.members, firstIndex: number * size, name: "\(share.name)-\(number)")
        }
        members = rooms.flatMap(\.members)
        maskingKey = .random(in: 1 ... .max)
        handshake = OpeningHandshake.Request(
            host: plan.url.authority, target: plan.url.target,
            nonce: (0..<16).map { _ in .random(in: 0...255) }, origin: "http://party-load.invalid")
        var request: [UInt8] = []
        handshake.append(to: &request)
        self.request = request
        hostFrame = RepeatedFrame(text: ClientText.send(payload: plan.payload, to: nil), maskingKey: maskingKey)
        guestFrame = RepeatedFrame(text: ClientText.send(payload: plan.payload, to: 0), maskingKey: maskingKey)
        unsafe readBuffer = .allocate(byteCount: LoadLoop.headroom + LoadLoop.readBytes, alignment: 16)
    }

    deinit {
        for member in members where member.descriptor >= 0 { ClientSocket.abandon(member.descriptor) }
        unsafe readBuffer.deallocate()
    }

    /// Waits for what is ready, at most until the deadline, answers it, and sends what that has caused.
    func turn(until deadline: UInt64) {
        let wait = deadline > now ? min(deadline - now, LoadLoop.longestWait) : 0
        let ready = queue.wait(nanoseconds: wait)
        now = Clocks.monotonic()
        for index in 0..<ready {
            let (token, isReadable, isWritable) = queue.readiness(index)
            let member = members[token]
            if isWritable { flush(member) }
            if isReadable { read(member) }
        }
        traffic?.work(self)
        openMore()
        flushDirty()
        if heardDeliveries > reportedDeliveries {
            control.deliveries.add(heardDeliveries - reportedDeliveries)
            reportedDeliveries = heardDeliveries
        }
    }

    /// Notes a member for the end of the turn.
    @inline(__always)
    func touch(_ member: Member) {
        guard !member.isDirty else { return }
        member.isDirty = true
        dirty.append(member)
    }

    private func flushDirty() {
        var index = 0
        while index < dirty.count {
            let member = dirty[index]
            member.isDirty = false
            traffic?.refill(member, self)
            flush(member)
            index += 1
        }
        dirty.removeAll(keepingCapacity: true)
    }
}

/// What one of the loops has to do.
struct LoopShare: Sendable {
    let rooms: Int
    /// Handshakes that may be under way.
    let inFlight: Int
    /// What its members' identities begin with. They are secrets of this run.
    let name: String
    /// How many loops there are, and the place among them: the clocks of their senders do not tick together.
    let place: Int
    let loops: Int
    let server: SocketAddress
    let sources: [SocketAddress]
}
