import RelayCore
import Testing

@Suite("Readiness for new games")
struct ReadinessTests {
    @Test(
        "a bound counts as reached from 95 % on, and a small one only when it is",
        arguments: [
            (0, 1, Readiness.ready), (1, 1, .full), (1, 2, .ready), (2, 2, .full), (9, 10, .ready), (10, 10, .full),
            (18, 19, .ready), (19, 19, .full), (18, 20, .ready), (19, 20, .full), (20, 20, .full), (20, 21, .full),
            (19, 21, .ready), (94, 100, .ready), (95, 100, .full), (9_499, 10_000, .ready), (9_500, 10_000, .full),
            (18_999, 20_000, .ready), (19_000, 20_000, .full), (30_000, 20_000, .full), (0, 0, .ready),
            (1_000_000, 0, .ready), (0, Int.max, .ready), (Int.max, Int.max, .full),
        ])
    func bounds(count: Int, bound: Int, expected: Readiness) {
        func readiness(connections: (Int, Int), rooms: (Int, Int), isDraining: Bool = false) -> Readiness {
            Readiness(
                isDraining: isDraining, connections: connections.0, maxConnections: connections.1, rooms: rooms.0,
                maxRooms: rooms.1)
        }
        #expect(readiness(connections: (count, bound), rooms: (0, 0)) == expected)
        #expect(readiness(connections: (0, 10), rooms: (count, bound)) == expected)
        #expect(readiness(connections: (count, bound), rooms: (count, bound)) == expected)
        #expect(readiness(connections: (count, bound), rooms: (count, bound), isDraining: true) == .draining)
    }

    @Test("it is at least 95 % that are used, and one less would be below")
    func exact() {
        for bound in 1...1_000 {
            let first = (0...bound).first { count in
                Readiness(isDraining: false, connections: count, maxConnections: bound, rooms: 0, maxRooms: 0) == .full
            }
            #expect(first.map { 100 * $0 >= 95 * bound && 100 * ($0 - 1) < 95 * bound } == true, "\(bound)")
        }
    }
}
