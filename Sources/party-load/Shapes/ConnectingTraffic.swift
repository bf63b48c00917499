/// `connect`: each room fills up one member after the other; once the last is in, all leave and the room starts over.
final class ConnectingTraffic: Traffic {
    private let rooms: [Room]
    /// Members of each room that have yet to leave.
    private var present: [Int]
    private let size: Int
    private var isRunning = false
    /// Connections that have come and gone within the measured time.
    private(set) var completed = 0

    /// - Parameter rooms: as many as handshakes may be in progress, since each room has one at a time.
    init(_ plan: LoadPlan, rooms: [Room]) {
        self.rooms = rooms
        size = plan.members
        present = Array(repeating: 0, count: rooms.count)
    }

    /// False once every room is broken.
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

    /// Members whose close the server has not answered yet.
    var missing: Int {
        rooms.reduce(0) { $0 + $1.members.count { $0.phase == .leaving } }
    }
}
