/// The answer to whether new games may start on a machine.
package enum Readiness: String, CaseIterable, Sendable {
    case ready
    /// It creates no room any more, since it will end.
    case draining
    /// It has used 95 % of a bound: the rest is for the guests of its rooms, whom no other machine can serve.
    case full

    /// The readiness that follows from counts and their bounds, where 0 is no bound.
    package init(isDraining: Bool, connections: Int, maxConnections: Int, rooms: Int, maxRooms: Int) {
        let isFull =
            Readiness.isNearly(connections, maxConnections) || Readiness.isNearly(rooms, maxRooms)
        self = isDraining ? .draining : isFull ? .full : .ready
    }

    /// True from 95 % on; bounds below 20 must be reached whole.
    private static func isNearly(_ count: Int, _ bound: Int) -> Bool {
        bound > 0 && count >= bound - bound / 20
    }
}
