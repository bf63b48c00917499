/// `churn`: hosts broadcast by the clock, while in each room one guest after the other leaves and comes back.
///
/// The first guest stays: what it hears must be complete, and its latencies show what the coming and going of the others
/// does to those who play. Of the others each leaves when it has heard a message since its return, so the rate bounds
/// the leaving too.
final class ChurnTraffic: Traffic {
    private let hosts: [Member]
    private let rate: Double
    private let size: Int
    /// The position of the guest who leaves next, by the room's number.
    private var turns: [Int]
    private var schedule = PacedSchedule(start: .max, rate: 1, senders: 1)
    private var nextMessage = 0
    private var isRunning = false
    private(set) var nextDue = UInt64.max

    private static let firstToLeave = 2

    init(_ plan: LoadPlan, rooms: [Room]) {
        hosts = rooms.map(\.host)
        rate = plan.rate
        size = plan.members
        turns = Array(repeating: ChurnTraffic.firstToLeave, count: rooms.count)
    }

    func begin(at start: UInt64, _ loop: LoadLoop) {
        schedule = PacedSchedule(start: start, rate: rate, senders: hosts.count)
        isRunning = true
        nextDue = schedule.due(0)
    }

    func seated(_ member: Member, _ loop: LoadLoop) {
        guard isRunning else { return loop.openGuests(after: member) }
        let room = member.index / size
        turns[room] = member.position + 1 < size ? member.position + 1 : ChurnTraffic.firstToLeave
        if loop.meter.isOpen { loop.meter.reentered.count += 1 }
    }

    func work(_ loop: LoadLoop) {
        guard isRunning else { return }
        while nextDue <= loop.now {
            let host = hosts[nextMessage % hosts.count]
            if !host.room.isBroken { loop.send(1, from: host) }
            nextMessage += 1
            nextDue = schedule.due(nextMessage)
        }
    }

    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop) {
        guard sender.isHost, !receiver.isHost else { return loop.garbled(receiver) }
        let numbers = Member.count(count, from: sender, to: receiver)
        let room = receiver.index / size
        guard receiver.position < ChurnTraffic.firstToLeave else {
            if isRunning, turns[room] == receiver.position { loop.leave(receiver) }
            return
        }
        guard (numbers.upperBound - 1) * hosts.count + room < nextMessage else { return loop.garbled(receiver) }
        for number in numbers {
            let due = schedule.due(number, of: room)
            if loop.counts(due) { loop.meter.record(latency: loop.now - due) }
        }
    }

    func left(_ member: Member, _ loop: LoadLoop) {
        if isRunning { loop.enqueue(CollectionOfOne(member)) }
    }

    func stop(_ loop: LoadLoop) {
        isRunning = false
        nextDue = .max
    }

    func missing(_ loop: LoadLoop) -> Int {
        var missing = 0
        for (place, host) in hosts.enumerated() where !host.room.isBroken {
            let sent = (nextMessage - place + hosts.count - 1) / hosts.count
            missing += sent - host.room.members[1].heard
        }
        return missing
    }
}
