internal import NIOCore
internal import RelayCore

/// The handovers of a machine that drains: so many rooms at once, and so many bytes; the others wait for their turn.
///
/// Loop-bound.
final class RoomHandovers {
    typealias Reply = (HandoverResult) -> Void

    private let limits: ClusterLimits
    private let loop: any EventLoop
    private let telemetry: ClusterTelemetry
    private let sender: HandoverSender
    private let takers: RoomTakers
    private var waiting: [(share: Int, room: HandoverSender.Room, former: InstanceID?, reply: Reply)] = []
    private var underWay: [Int: RoomHandover] = [:]
    private var bytesUnderWay = 0
    private var takingBack: [Int: () -> Void] = [:]
    private var asking: [Int: Inquiry] = [:]

    /// A caller that wants to know whether there is a sibling that takes rooms.
    private final class Inquiry {
        let reply: (Bool) -> Void

        init(_ reply: @escaping (Bool) -> Void) {
            self.reply = reply
        }
    }

    init(in directory: PeerDirectory, limits: ClusterLimits, on loop: any EventLoop, telemetry: ClusterTelemetry) {
        self.limits = limits
        self.loop = loop
        self.telemetry = telemetry
        sender = HandoverSender(in: directory, limits: limits, on: loop)
        takers = RoomTakers(in: directory, limits: limits, on: loop)
    }

    /// Gives a room to a sibling. `share` identifies the caller.
    func handOver(_ room: HandoverSender.Room, after former: InstanceID?, share: Int, reply: @escaping Reply) {
        loop.assertInEventLoop()
        waiting.append((share, room, former, reply))
        startMore()
    }

    /// Calls back with true if a sibling takes rooms.
    func findTaker(share: Int, reply: @escaping (Bool) -> Void) {
        loop.assertInEventLoop()
        let inquiry = Inquiry(reply)
        asking[share] = inquiry
        takers.ask(for: inquiry) { [weak self] in self?.answered(share, !$0.isEmpty) }
    }

    /// Tells a sibling to forget a room, and calls back when it has answered, or cannot.
    func takeBack(_ room: HandoverSender.Room, from sibling: InstanceID, share: Int, reply: @escaping () -> Void) {
        loop.assertInEventLoop()
        takingBack[share] = reply
        sender.forget(room, at: sibling) { [weak self] in self?.takenBack(share) }
    }

    /// Ends a caller's wait.
    func abandon(share: Int) {
        if let place = waiting.firstIndex(where: { $0.share == share }) {
            let (_, room, _, reply) = waiting.remove(at: place)
            end(room, .cancelled, reply)
        }
        underWay[share]?.abandon(.cancelled)
        takenBack(share)
        if let inquiry = asking[share] {
            takers.forget(inquiry)
            answered(share, false)
        }
    }

    /// Ends all handovers as cancelled.
    func stop() {
        for share in waiting.map(\.share) + underWay.keys { abandon(share: share) }
        for share in takingBack.keys { takenBack(share) }
        for share in asking.keys { answered(share, false) }
        takers.stop()
        sender.stop()
    }

    private func startMore() {
        // One room may be larger than the bound for all.
        while let (share, room, former, reply) = waiting.first, underWay.count < limits.handoversAtOnce,
            underWay.isEmpty || bytesUnderWay + room.record.count <= limits.handoverBytes
        {
            waiting.removeFirst()
            let handover = RoomHandover(
                of: room, after: former, by: sender, to: takers, limits: limits, on: loop)
            underWay[share] = handover
            bytesUnderWay += room.record.count
            handover.start { [unowned self] result in
                underWay[share] = nil
                bytesUnderWay -= room.record.count
                end(room, result, reply)
                startMore()
            }
        }
    }

    private func answered(_ share: Int, _ isThere: Bool) {
        guard let inquiry = asking.removeValue(forKey: share) else { return }
        if !isThere { telemetry.noTakerFound() }
        inquiry.reply(isThere)
    }

    private func takenBack(_ share: Int) {
        takingBack.removeValue(forKey: share)?()
    }

    private func end(_ room: HandoverSender.Room, _ result: HandoverResult, _ reply: Reply) {
        telemetry.handoverEnded(room.code, result)
        reply(result)
    }
}
