/// `connect`: rooms fill up and empty again, one member after the other; when the last has come, all leave.
final class ConnectingTraffic: Traffic {
    private let rooms: [Room]
    /// Members of each room that are still to leave.
    private var present: [Int]
    private let size: Int
    private var isRunning = false
    /// Connections that have come and gone while they counted.
    private(set) var completed = 0

    /// - Parameter rooms: as many as handshakes may be under way, since each room has one.
    init(_ plan: LoadPlan, rooms: [Room]) {
        self.rooms = rooms
        size = plan.members
        present = Array(repeating: 0, count: rooms.count)
    }

    /// Whether there is a room left in which nothing has failed.
    var canGoOn: Bool { rooms.contains { !$0.isBroken } }

    func begin(at start: UInt64, _ loop: LoadLoop) {
        isRunning = true
        loop.enqueue(rooms.map(\.host))
    }

    func seated(_ member: Member, _ loop: LoadLoop) {
        if loop.meter.isOpen { loop.meter.record(latency: loop.now - member.openedAt) }
        let next = member.position + 1
        if next < size {
            loop.enqueue(CollectionOfOne(member.room.members[next]))
        } else {
            present[member.index / size] = size
            for member in member.room.members { loop.leave(member) }
        }
    }

    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop) {}

    func left(_ member: Member, _ loop: LoadLoop) {
        loop.noteProgress()
        if loop.meter.isOpen {
            completed += 1
            if !member.isHost { loop.meter.entered.count += 1 }
        }
        let room = member.index / size
        present[room] -= 1
        guard present[room] == 0, isRunning, !member.room.isBroken else { return }
        member.room.forgetCode()
        loop.enqueue(CollectionOfOne(member.room.host))
    }

    func stop() { isRunning = false }

    /// Members that have said goodbye, to whom the server has not.
    var missing: Int {
        rooms.reduce(0) { $0 + $1.members.count { $0.phase == .leaving } }
    }
}
