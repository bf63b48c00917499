import RelayCore
import TestSupport
import Testing

/// The rules of a room again, in the plainest way that comes to mind: look everything up, sort when asked.
private struct PlainRoom {
    let maxClients: Int
    var indexOfClient: [String: Int] = ["0": 0]
    var memberAtIndex: [Int: Int] = [0: 0]
    var hostDepartures = 0
    let holdEighths: Int
    /// The eighth of a second from which on the place of a slot is free.
    var heldUntil: [Int: Int] = [:]
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
        let own = indexOfClient[client]
        if memberAtIndex.isEmpty, own == nil { return .failure(.dormant) }
        let kept = heldUntil.filter { $0.value > eighth && $0.key != own }
        if memberAtIndex.count + kept.count >= maxClients { return .failure(.full) }
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
        heldUntil[index] = nil
        return .success(own == nil ? .entered(Slot(index)) : .reclaimed(Slot(index)))
    }

    mutating func leave(_ index: Int, _ farewell: Farewell, eighth: Int) -> LeaveAction {
        memberAtIndex[index] = nil
        if index == 0 { hostDepartures += 1 }
        let absence = index == 0 ? hostDepartures : nil
        if farewell == .lost, holdEighths > 0 { heldUntil[index] = eighth + holdEighths }
        if !memberAtIndex.isEmpty { return .left(hostAbsence: absence) }
        return farewell == .goodbye ? .ended : .emptied(hostAbsence: absence)
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
            let hold = dice.roll(3)
            var plain = PlainRoom(maxClients: maxClients, holdEighths: hold * 8)
            var room = Room(
                code: RoomCode(home: nil, random: seed), maxClients: maxClients, url: nil, holdSeconds: hold,
                host: RoomTests.id("0"), member: 0, hash: SipHash(key0: seed, key1: 0))
            for _ in 0..<600 {
                member += 1
                guard step(&room, &plain, member: member, dice: &dice, &refusals) else { break }
                compare(room, plain, member: member, dice: &dice)
                if dice.roll(300) == 0 { travel(&room, &plain, member: member) }
            }
        }
        #expect(refusals == [.dormant, .full, .outOfMemory, .tooManyNewcomers])
    }

    /// One event for both; false when the room has ended.
    private func step(
        _ room: inout Room<Int>, _ plain: inout PlainRoom, member: Int, dice: inout SeededGenerator,
        _ refusals: inout Set<JoinRefusal>
    ) -> Bool {
        // Slow enough for new slots to run out now and then.
        let eighth = member / 60
        switch dice.roll(10) {
        case 0..<5:
            let client = dice.roll(3) == 0 ? String(dice.roll(plain.maxClients + 4)) : "new \(member)"
            let mayGrow = dice.roll(9) > 0
            let result = Result { () throws(JoinRefusal) in
                try room.join(RoomTests.id(client), as: member, mayGrow: mayGrow, now: UInt64(eighth) * 125_000_000)
            }
            #expect(result == plain.join(client, as: member, mayGrow: mayGrow, eighth: eighth))
            if case .failure(let refusal) = result { refusals.insert(refusal) }
        case 5..<9:
            if plain.connected.isEmpty { return true }
            // The last one rarely goes, and rarely says goodbye, since that ends the room.
            if plain.connected.count == 1, dice.roll(8) > 0 { return true }
            let isLost = plain.connected.count == 1 ? dice.roll(12) > 0 : dice.roll(2) == 0
            let index = plain.connected[dice.roll(plain.connected.count)]
            let farewell = isLost ? Farewell.lost : .goodbye
            let action = room.leave(Slot(index), farewell, now: UInt64(eighth) * 125_000_000)
            #expect(action == plain.leave(index, farewell, eighth: eighth))
            if action == .ended { return false }
        default:
            if plain.connected.isEmpty { return true }
            let index = plain.connected[dice.roll(plain.connected.count)]
            let data = [UInt8(truncatingIfNeeded: member)]
            let result = Result { () throws(RelayError) in try room.setState(data, by: Slot(index)) }
            if index == 0 { plain.snapshot = data }
            #expect((try? result.get()) != nil || index != 0)
        }
        return true
    }

    /// The room leaves as it is, and arrives dormant.
    private func travel(_ room: inout Room<Int>, _ plain: inout PlainRoom, member: Int) {
        let eighth = member / 60
        let now = UInt64(eighth) * 125_000_000
        let record = room.record(origin: "", keepingPlacesFor: 2, now: now)
        room = Room(record, url: record.url, maxClients: record.maxClients, now: now)
        for index in plain.connected { plain.heldUntil[index] = eighth + 16 }
        // The rest of a place's time travels in whole seconds.
        for (index, end) in plain.heldUntil where end > eighth {
            plain.heldUntil[index] = eighth + (end - eighth + 7) / 8 * 8
        }
        plain.memberAtIndex = [:]
        plain.hostDepartures = 1
        plain.newSlots = 64
        plain.newSlotsAt = eighth
    }

    private func compare(
        _ room: Room<Int>, _ plain: PlainRoom, member: Int, dice: inout SeededGenerator
    ) {
        let eighth = member / 60
        #expect(room.heldPlaces(now: UInt64(eighth) * 125_000_000) == plain.heldUntil.count { $0.value > eighth })
        #expect(room.isDormant == plain.connected.isEmpty)
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
