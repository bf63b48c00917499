internal import RelayCore

// A room's events.
extension Workload {
    static let rooms = [
        Workload("rooms: whom a send of 8 is for", .nothing) { send(to: nil, members: 8, repetitions: $0) },
        Workload("rooms: one of 200", .nothing) { send(to: Slot(150), members: 200, repetitions: $0) },
        Workload("rooms: leave and come back", .allocations(0)) { leaveAndReclaim(repetitions: $0) },
        Workload("rooms: take a slot over", .nothing) { takeOver(repetitions: $0) },
        // Seats and slots, as they grow.
        Workload("rooms: create, and 7 join", .allocations(8)) { fill(repetitions: $0) },
        Workload("rooms: the peers of one of 8", .allocations(1)) { peers(repetitions: $0) },
    ]

    private static func send(to recipient: Slot?, members: Int, repetitions: Int) -> Int {
        let room = Sample.roomWithGap(members: members)
        var checksum = 0
        for repetition in 0..<repetitions {
            if let recipient {
                do throws(RelayError) {
                    checksum &+= try room.seat(of: recipient)
                } catch {
                    refused(error)
                }
            } else {
                let sender = Slot(repetition & 1)
                for seat in room.seats where seat.slot != sender { checksum &+= seat.member }
            }
        }
        return checksum
    }

    private static func leaveAndReclaim(repetitions: Int) -> Int {
        var room = Sample.room(members: 8)
        let clientID = Sample.clientID(3)
        var checksum = 0
        for _ in 0..<repetitions {
            guard room.leave(Slot(3), .goodbye, now: 0) == .left(hostAbsence: nil),
                room.joining(clientID, as: 3) == .reclaimed(Slot(3))
            else {
                preconditionFailure("the slot stays its owner's")
            }
            checksum &+= room.seats.count
        }
        return checksum
    }

    private static func takeOver(repetitions: Int) -> Int {
        var room = Sample.room(members: 8)
        let clientID = Sample.clientID(3)
        var checksum = 0
        for repetition in 0..<repetitions {
            guard case .replaced(_, let old) = room.joining(clientID, as: repetition) else {
                preconditionFailure("the client is connected already")
            }
            checksum &+= old
        }
        return checksum
    }

    private static func fill(repetitions: Int) -> Int {
        let clientIDs = (0..<8).map(Sample.clientID)
        var checksum = 0
        for _ in 0..<repetitions {
            var room = Room(
                code: Sample.code, maxClients: 64, url: nil, host: clientIDs[0], member: 0, hash: Sample.hash)
            for index in 1..<8 { _ = room.joining(clientIDs[index], as: index) }
            checksum &+= room.seats.count
        }
        return checksum
    }

    private static func peers(repetitions: Int) -> Int {
        let room = Sample.room(members: 8)
        var checksum = 0
        for repetition in 0..<repetitions { checksum &+= room.peers(of: Slot(repetition & 7)).count }
        return checksum
    }
}

extension Sample {
    /// A room that slot 2 has left, so that a seat's index no longer equals its slot.
    fileprivate static func roomWithGap(members: Int) -> Room<Int> {
        var room = room(members: members)
        _ = room.leave(Slot(2), .goodbye, now: 0)
        return room
    }
}

extension Room<Int> {
    fileprivate mutating func joining(_ clientID: ClientID, as member: Int) -> JoinAction<Int> {
        do throws(JoinRefusal) {
            return try join(clientID, as: member, mayGrow: true, now: 0)
        } catch {
            refused(error)
        }
    }
}
