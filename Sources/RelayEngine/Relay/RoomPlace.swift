internal import Synchronization

/// The number of rooms that one loop has, or that are on their way to it.
///
/// Any loop may send a room to any other, so unlike the loop's other counts it has many writers.
package final class RoomCount: Sendable {
    private let rooms = Atomic<Int>(0)

    package init() {}

    package var current: Int { rooms.load(ordering: .relaxed) }

    fileprivate func add(_ amount: Int) {
        rooms.add(amount, ordering: .relaxed)
    }
}

/// The place of a room on its loop, from the decision to create it to its end. Releasing it frees the place, whatever
/// becomes of the connection that was to create the room.
final class RoomPlace: Sendable {
    let loop: Int
    private let count: RoomCount

    init(onLoop loop: Int, of counts: [RoomCount]) {
        self.loop = loop
        count = counts[loop]
        count.add(1)
    }

    deinit {
        count.add(-1)
    }

    /// The loop for one more room: its creator's own, or, if that has over a quarter more than another, the one that has
    /// fewest.
    ///
    /// Rooms weigh alike: no one can tell which of the new ones will be busy. The quarter saves moves where hosts arrive
    /// on all loops anyway.
    static func loop(forRoomFrom own: Int, with rooms: [Int]) -> Int {
        // Of those with equally few the next in a circle, lest the first be the choice of all.
        let others = (own..<own + rooms.count).map { $0 % rooms.count }
        guard let least = others.min(by: { rooms[$0] < rooms[$1] }) else { return own }
        return rooms[own] <= rooms[least] + rooms[least] / 4 ? own : least
    }
}
