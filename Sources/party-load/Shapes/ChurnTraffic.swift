/// `churn`: hosts broadcast by the clock, while in each room one guest after the other leaves and comes back.
///
/// The first guest stays: it must receive every message, and its latencies show what the coming and going costs those who
/// keep playing. The others leave when they have received a message since their return, so the rate bounds the churn
/// too.
final class ChurnTraffic: Traffic {
    private let hosts: [Member]
    private let size: Int
    /// The position of the next guest to leave, by room number.
    private var turns: [Int]
    private var sending: PacedSending

    private static let firstToLeave = 2

    init(_ plan: LoadPlan, rooms: [Room]) {
        hosts = rooms.map(\.host)
        size = plan.members
        turns = Array(repeating: ChurnTraffic.firstToLeave, count: rooms.count)
        sending = PacedSending(rate: plan.rate, senders: hosts.count)
    }

    var nextDue: UInt64 { sending.nextDue }

    func begin(at start: UInt64, _ loop: LoadLoop) { sending.begin(at: start) }

    func seated(_ member: Member, _ loop: LoadLoop) {
        guard sending.isRunning else { return loop.openGuests(after: member) }
        let room = member.index / size
        turns[room] = member.position + 1 < size ? member.position + 1 : ChurnTraffic.firstToLeave
        if loop.meter.isOpen { loop.meter.reentered.count += 1 }
    }

    func work(_ loop: LoadLoop) {
        while let place = sending.popDue(at: loop.now) {
            if !hosts[place].room.isBroken { loop.send(1, from: hosts[place]) }
        }
    }

    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop) {
        guard sender.isHost, !receiver.isHost else { return loop.garbled(receiver) }
        let numbers = Member.count(count, from: sender, to: receiver)
        let room = receiver.index / size
        guard receiver.position < ChurnTraffic.firstToLeave else {
            if sending.isRunning, turns[room] == receiver.position { loop.leave(receiver) }
            return
        }
        guard sending.hasSent(numbers.upperBound - 1, of: room) else { return loop.garbled(receiver) }
        for number in numbers { loop.meter.record(due: sending.due(number, of: room), at: loop.now) }
    }

    func left(_ member: Member, _ loop: LoadLoop) {
        if sending.isRunning { loop.enqueue(CollectionOfOne(member)) }
    }

    func stop() { sending.stop() }

    var missing: Int {
        hosts.indices.reduce(0) { missing, place in
            let room = hosts[place].room
            return room.isBroken ? missing : missing + sending.count(of: place) - room.members[1].received
        }
    }
}
