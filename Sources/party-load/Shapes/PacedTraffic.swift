/// `paced`: everybody sends on a fixed schedule, whether or not earlier messages have arrived. Hosts broadcast, guests
/// send to their host.
///
/// Latencies count from the time a message was scheduled for, so a stalled server's delay shows in full, also for
/// messages that could not be sent meanwhile.
final class PacedTraffic: Traffic {
    /// The senders in random order of their phases, so that members of a room do not send in a row.
    private let senders: [Member]
    /// Each sender's place in that order, by member index.
    private let places: [Int]
    /// The delay of this loop against the first, in nanoseconds: loops do not send at the same moments.
    private let shift: UInt64
    private var sending: PacedSending

    init(_ plan: LoadPlan, _ share: LoopShare, rooms: [Room]) {
        let members = rooms.flatMap(\.members)
        senders = members.shuffled()
        var places = Array(repeating: 0, count: members.count)
        for (place, member) in senders.enumerated() { places[member.index] = place }
        self.places = places
        let period = Clocks.second / plan.rate
        shift = UInt64(period / Double(senders.count) * Double(share.place) / Double(share.loops))
        sending = PacedSending(rate: plan.rate, senders: senders.count)
    }

    var nextDue: UInt64 { sending.nextDue }

    func begin(at start: UInt64, _ loop: LoadLoop) { sending.begin(at: start + shift) }

    func work(_ loop: LoadLoop) {
        while let place = sending.popDue(at: loop.now) {
            if !senders[place].room.isBroken { loop.send(1, from: senders[place]) }
        }
    }

    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop) {
        let numbers = Member.count(count, from: sender, to: receiver)
        let place = places[sender.index]
        // Nobody can receive what was not sent.
        guard sending.hasSent(numbers.upperBound - 1, of: place) else { return loop.garbled(receiver) }
        for number in numbers { loop.meter.record(due: sending.due(number, of: place), at: loop.now) }
    }

    func stop() { sending.stop() }

    var missing: Int {
        var missing = 0
        for (place, sender) in senders.enumerated() where !sender.room.isBroken {
            let sent = sending.count(of: place)
            if sender.isHost {
                for guest in sender.room.members.dropFirst() { missing += sent - guest.received }
            } else {
                missing += sent - sender.receivedByHost
            }
        }
        return missing
    }
}
