import Testing

@testable import party_load

@Suite("The queue of members to connect")
struct OpeningQueueTests {
    private static func members(_ count: Int) -> [Member] {
        (0..<count).map { Room(members: 1, firstIndex: $0, name: "\($0)").host }
    }

    /// Takes all members that may connect now, and begins their handshakes.
    private static func open(_ queue: inout OpeningQueue) -> [Int] {
        var opened: [Int] = []
        while let member = queue.popNext() {
            queue.begin()
            opened.append(member.index)
        }
        return opened
    }

    @Test("members connect in order, no more at once than the limit")
    func order() {
        var queue = OpeningQueue(limit: 2)
        #expect(queue.isEmpty)
        queue.append(contentsOf: Self.members(5))
        #expect(Self.open(&queue) == [0, 1])
        #expect(Self.open(&queue) == [])
        queue.end()
        #expect(Self.open(&queue) == [2])
        queue.end()
        queue.end()
        #expect(Self.open(&queue) == [3, 4])
        #expect(!queue.isEmpty)
        queue.end()
        queue.end()
        #expect(queue.isEmpty)
    }

    @Test("members that are connected or in a broken room are skipped")
    func passedOver() {
        let members = Self.members(4)
        members[0].opened(9, at: 0, request: [])
        members[2].room.markBroken()
        var queue = OpeningQueue(limit: 9)
        queue.append(contentsOf: members)
        #expect(Self.open(&queue) == [1, 3])
    }

    @Test("giving up removes the members that wait, not the handshakes in progress")
    func givenUp() {
        var queue = OpeningQueue(limit: 1)
        queue.append(contentsOf: Self.members(4))
        #expect(Self.open(&queue) == [0])
        let count = queue.removeAll()
        #expect(count == 3)
        #expect(!queue.isEmpty)
        queue.end()
        #expect(queue.isEmpty)
    }
}
