import RelayCore
import TestSupport
import Testing

/// The rules of a room again, in the plainest way that comes to mind: look everything up, sort when asked.
private struct PlainRoom {
    let maxClients: Int
    var indexOfClient: [String: Int] = ["0": 0]
    var memberAtIndex: [Int: Int] = [0: 0]
    var hostDepartures = 0
    var snapshot: [UInt8]?
    /// New slots that may be given at once, and the time for which that holds, in eighths of a second.
    var newSlots = 64
    var newSlotsAt = 0

    var connected: [Int] { memberAtIndex.keys.sorted() }

    mutating func join(
        _ client: String, as member: Int, mayGrow: Bool, eighth: Int
    ) -> Result<JoinAction<Int>, JoinRefusal> {
        if let index = indexOfClient[client], let old = memberAtIndex[index] {
            memberAtIndex[index] = member
            return .success(.replaced(Slot(index), old: old))
        }
        if memberAtIndex.count == maxClients { return .failure(.full) }
        let own = indexOfClient[client]
        if own == nil {
            if !mayGrow { return .failure(.outOfMemory) }
            newSlots = min(64, newSlots + eighth - newSlotsAt)
            newSlotsAt = eighth
            if newSlots == 0 { return .failure(.tooManyNewcomers) }
            newSlots -= 1
        }
        let index = own ?? indexOfClient.count
        indexOfClient[client] = index
        memberAtIndex[index] = member
        return .success(own == nil ? .entered(Slot(index)) : .reclaimed(Slot(index)))
    }

    mutating func leave(_ index: Int) -> LeaveAction {
        memberAtIndex[index] = nil
        if index == 0 { hostDepartures += 1 }
        if memberAtIndex.isEmpty { return .ended }
        return index == 0 ? .hostLeft(absence: hostDepartures) : .left
    }
}

@Suite("Rooms under random events")
struct RoomModelTests {
    @Test(
        "a room behaves like its model under any sequence of events",
        arguments: 1...12 as ClosedRange<UInt64>)
    func agreesWithModel(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var member = 0
        var refusals: Set<JoinRefusal> = []
        for _ in 0..<25 {
            let maxClients = 1 + dice.roll(9)
            var plain = PlainRoom(maxClients: maxClients)
            var room = Room(
                code: RoomCode(home: nil, random: seed), maxClients: maxClients, url: nil,
                host: RoomTests.id("0"), member: 0, hash: SipHash(key0: seed, key1: 0))
            for _ in 0..<600 {
                member += 1
                guard step(&room, &plain, member: member, dice: &dice, &refusals) else { break }
                compare(room, plain, dice: &dice)
            }
        }
        #expect(refusals == [.full, .outOfMemory, .tooManyNewcomers])
    }

    /// One event for both; false when the room has ended.
    private func step(
        _ room: inout Room<Int>, _ plain: inout PlainRoom, member: Int, dice: inout SeededGenerator,
        _ refusals: inout Set<JoinRefusal>
    ) -> Bool {
        switch dice.roll(10) {
        case 0..<5:
            let client = dice.roll(3) == 0 ? String(dice.roll(plain.maxClients + 4)) : "new \(member)"
            let mayGrow = dice.roll(9) > 0
            // Slow enough for new slots to run out now and then.
            let eighth = member / 40
            let result = Result { () throws(JoinRefusal) in
                try room.join(RoomTests.id(client), as: member, mayGrow: mayGrow, now: UInt64(eighth) * 125_000_000)
            }
            #expect(result == plain.join(client, as: member, mayGrow: mayGrow, eighth: eighth))
            if case .failure(let refusal) = result { refusals.insert(refusal) }
        case 5..<9:
            // The last one rarely goes, since it ends the room.
            if plain.connected.count == 1, dice.roll(50) > 0 { return true }
            let index = plain.connected[dice.roll(plain.connected.count)]
            let action = room.leave(Slot(index))
            #expect(action == plain.leave(index))
            if action == .ended { return false }
        default:
            let index = plain.connected[dice.roll(plain.connected.count)]
            let data = [UInt8(truncatingIfNeeded: member)]
            let result = Result { () throws(RelayError) in try room.setState(data, by: Slot(index)) }
            if index == 0 { plain.snapshot = data }
            #expect((try? result.get()) != nil || index != 0)
        }
        return true
    }

    private func compare(_ room: Room<Int>, _ plain: PlainRoom, dice: inout SeededGenerator) {
        #expect(room.seats.map(\.slot.index) == plain.connected)
        #expect(room.seats.map(\.member) == plain.connected.map { plain.memberAtIndex[$0] })
        #expect(room.snapshot == plain.snapshot)
        let index = dice.roll(plain.indexOfClient.count + 2)
        #expect((try? room.seat(of: Slot(index))) == plain.memberAtIndex[index])
        #expect(room.peers(of: Slot(index)).map(\.index) == plain.connected.filter { $0 != index })
        let absence = dice.roll(plain.hostDepartures + 2)
        let isOver = plain.memberAtIndex[0] == nil && absence == plain.hostDepartures
        #expect(room.hostGraceExpired(absence: absence) == isOver)
    }
}
