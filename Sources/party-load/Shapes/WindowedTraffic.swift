/// `state` and `input`: each sender keeps so many messages under way.
final class WindowedTraffic: Traffic {
    private let senders: [Member]
    private var isRunning = false

    init(_ plan: LoadPlan, rooms: [Room]) {
        switch plan.shape {
        case .input: senders = rooms.flatMap { $0.members.dropFirst() }
        default: senders = rooms.map(\.host)
        }
        let receivers = plan.shape == .input ? 1 : plan.members - 1
        for sender in senders { sender.flow = WindowedFlow(window: plan.window, receivers: receivers) }
    }

    func begin(at start: UInt64, _ loop: LoadLoop) {
        isRunning = true
        for sender in senders { loop.touch(sender) }
    }

    func refill(_ member: Member, _ loop: LoadLoop) {
        guard isRunning, !member.room.isBroken, member.flow.outstanding < member.flow.window else { return }
        // What is sent at the end of a turn is sent now, and not when the turn's last message was read.
        loop.send(member.flow.fill(at: Clocks.monotonic()), from: member)
    }

    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop) {
        let numbers = Member.count(count, from: sender, to: receiver)
        let now = loop.now
        let before = sender.flow.finished
        let isOpen = loop.meter.isOpen
        let isSound = sender.flow.arrived(numbers) { sentAt in
            if isOpen { loop.meter.record(latency: now - sentAt) }
        }
        guard isSound else { return loop.garbled(receiver) }
        if sender.flow.finished > before { loop.touch(sender) }
    }

    func stop(_ loop: LoadLoop) { isRunning = false }

    func missing(_ loop: LoadLoop) -> Int {
        senders.reduce(0) { $0 + ($1.room.isBroken ? 0 : $1.flow.outstanding) }
    }
}
