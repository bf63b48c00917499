import Testing

@testable import party_load

@Suite("Members that fall behind")
struct RestingReadersTests {
    private static let rest = RestingReaders.rest

    /// Takes all members that have rested by now.
    private static func wake(_ readers: inout RestingReaders, at now: UInt64) -> [Int] {
        var woken: [Int] = []
        while let index = readers.popDue(at: now) { woken.append(index) }
        return woken
    }

    @Test("each wakes up when its own rest is over, in the order in which they lay down")
    func order() {
        var readers = RestingReaders()
        for (index, now) in [(7, 0), (3, 5), (9, 5)] { readers.append(index, at: UInt64(now)) }
        #expect(readers.nextDue == Self.rest)
        #expect(Self.wake(&readers, at: Self.rest - 1) == [])
        #expect(Self.wake(&readers, at: Self.rest) == [7])
        readers.append(7, at: Self.rest)
        #expect(Self.wake(&readers, at: Self.rest + 5) == [3, 9])
        #expect(readers.nextDue == 2 * Self.rest)
        #expect(Self.wake(&readers, at: .max - 1) == [7])
    }

    @Test("where nobody rests, there is nothing to wait for")
    func nobody() {
        var readers = RestingReaders()
        #expect(readers.nextDue == .max)
        readers.append(0, at: 1)
        #expect(Self.wake(&readers, at: 1 + Self.rest) == [0])
        #expect(readers.nextDue == .max)
    }

    @Test("the last guests of a room are those that fall behind, never the host", arguments: [0, 1, 3])
    func late(slow: Int) {
        let room = Room(members: 4, slow: slow, firstIndex: 0, name: "r")
        #expect(room.members.map(\.isSlow) == (0..<4).map { $0 >= 4 - slow })
    }
}
