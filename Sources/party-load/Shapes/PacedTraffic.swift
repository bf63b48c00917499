/// `paced`: everybody sends by the clock, whatever has become of what was sent before. Hosts broadcast, guests send to
/// their host.
///
/// A latency counts from the time at which its message was to be sent, of which there is one for each number. So the
/// messages that a stalled server holds up count with all of their delay, and those that could not be sent as well.
final class PacedTraffic: Traffic {
    /// In the order of their phases, which is random: members of a room are no neighbours.
    private let senders: [Member]
    /// The place in that order, by the member's index.
    private let places: [Int]
    private let rate: Double
    private var schedule = PacedSchedule(start: .max, rate: 1, senders: 1)
    private var nextMessage = 0
    private var isRunning = false
    private(set) var nextDue = UInt64.max

    init(_ plan: LoadPlan, rooms: [Room]) {
        rate = plan.rate
        let members = rooms.flatMap(\.members)
        senders = members.shuffled()
        var places = Array(repeating: 0, count: members.count)
        for (place, member) in senders.enumerated() { places[member.index] = place }
        self.places = places
    }

    func begin(at start: UInt64, _ loop: LoadLoop) {
        // Loops do not tick together.
        let period = Clocks.second / rate
        let shift = period / Double(senders.count) * Double(loop.share.place) / Double(loop.share.loops)
        schedule = PacedSchedule(start: start + UInt64(shift), rate: rate, senders: senders.count)
        isRunning = true
        nextDue = schedule.due(0)
    }

    func work(_ loop: LoadLoop) {
        guard isRunning else { return }
        while nextDue <= loop.now {
            let sender = senders[nextMessage % senders.count]
            if !sender.room.isBroken { loop.send(1, from: sender) }
            nextMessage += 1
            nextDue = schedule.due(nextMessage)
        }
    }

    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop) {
        let numbers = Member.count(count, from: sender, to: receiver)
        let place = places[sender.index]
        // Nobody can have what was not sent.
        guard (numbers.upperBound - 1) * senders.count + place < nextMessage else { return loop.garbled(receiver) }
        for number in numbers {
            let due = schedule.due(number, of: place)
            if loop.counts(due) { loop.meter.record(latency: loop.now - due) }
        }
    }

    func stop(_ loop: LoadLoop) {
        isRunning = false
        nextDue = .max
    }

    func missing(_ loop: LoadLoop) -> Int {
        var missing = 0
        for (place, sender) in senders.enumerated() where !sender.room.isBroken {
            let sent = (nextMessage - place + senders.count - 1) / senders.count
            if sender.isHost {
                for guest in sender.room.members.dropFirst() { missing += sent - guest.heard }
            } else {
                missing += sent - sender.heardByHost
            }
        }
        return missing
    }
}
