/// `state` and `input`: each sender keeps a window of messages in flight.
final class WindowedTraffic: Traffic {
    private let senders: [Member]
    /// By member index; members that send nothing have an empty window.
    private var flows: [WindowedFlow]
    private var isRunning = false

    init(_ plan: LoadPlan, rooms: [Room]) {
        let members = rooms.count * plan.members
        let receivers: Int
        switch plan.shape {
        case .input:
            senders = rooms.flatMap { $0.members.dropFirst() }
            receivers = 1
        default:
            senders = rooms.map(\.host)
            receivers = plan.members - 1
        }
        flows = Array(repeating: WindowedFlow(window: 0, receivers: 0), count: members)
        for sender in senders { flows[sender.index] = WindowedFlow(window: plan.window, receivers: receivers) }
    }

    func begin(at start: UInt64, _ loop: LoadLoop) {
        isRunning = true
        for sender in senders { loop.touch(sender) }
    }

    func refill(_ member: Member) -> Int {
        guard isRunning, !member.room.isBroken, flows[member.index].hasRoom else { return 0 }
        // The latency starts now, at the end of the turn, not when the turn's last message was read.
        return flows[member.index].fill(at: Clocks.monotonic())
    }

    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop) {
        let numbers = Member.count(count, from: sender, to: receiver)
        let now = loop.now
        let isOpen = loop.meter.isOpen
        var hasFinished = false
        let isSound = flows[sender.index].arrived(numbers) { sentAt in
            hasFinished = true
            if isOpen { loop.meter.record(latency: now - sentAt) }
        }
        guard isSound else { return loop.garbled(receiver) }
        if hasFinished { loop.touch(sender) }
    }

    func stop() { isRunning = false }

    var missing: Int {
        senders.reduce(0) { $0 + ($1.room.isBroken ? 0 : flows[$1.index].outstanding) }
    }
}
