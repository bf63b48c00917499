import RelayLimits
import Testing

@testable import RelayEngine

@Suite("What a loop leaves unread for its next turn")
struct ReaderTests {
    private static func key(_ number: Int) -> ConnectionKey {
        ConnectionKey(descriptor: Int32(number), serial: 1)
    }

    private static func numbers(_ keys: [ConnectionKey]) -> [Int] {
        keys.map { Int($0.descriptor) }
    }

    private static func reader(deferring numbers: [Int]) -> Reader {
        var reader = Reader(rate: TokenRate(perSecond: 0, burst: 0))
        for number in numbers { reader.deferRest(of: key(number)) }
        return reader
    }

    @Test("the rests are taken in the order in which they were left, and once", arguments: [[], [4], [3, 1, 2]])
    func order(left: [Int]) {
        var reader = Self.reader(deferring: left)
        let hasSome = reader.hasDeferred
        let taken = Self.numbers(reader.takeDeferred())
        let hasMore = reader.hasDeferred
        #expect(hasSome == !left.isEmpty)
        #expect(taken == left)
        #expect(!hasMore)
        let again = reader.takeDeferred()
        #expect(again.isEmpty)
    }

    @Test("what is left while the rests are worked off is for the turn after")
    func leftMeanwhile() {
        var reader = Self.reader(deferring: [1, 2])
        let first = Self.numbers(reader.takeDeferred())
        reader.deferRest(of: Self.key(2))
        reader.deferRest(of: Self.key(3))
        let second = Self.numbers(reader.takeDeferred())
        #expect(first == [1, 2])
        #expect(second == [2, 3])
    }

    @Test(
        "those that got nothing of the turn come first, in their order, whether they were left again or not",
        arguments: [
            ([1, 2, 3, 4], [], [1, 2, 3, 4]), ([1, 2, 3, 4], [4], [4, 1, 2, 3]),
            ([1, 2, 3, 4], [2, 4], [2, 4, 1, 3]),
            ([1, 2, 3, 4], [1, 2, 3, 4], [1, 2, 3, 4]), ([4, 3, 2, 1], [3, 1], [3, 1, 4, 2]),
            ([1, 2], [9, 8], [9, 8, 1, 2]), ([], [1], [1]),
        ] as [([Int], [Int], [Int])])
    func unservedFirst(left: [Int], unserved: [Int], order: [Int]) {
        var reader = Self.reader(deferring: left)
        reader.deferFirst(unserved.map(Self.key))
        let taken = Self.numbers(reader.takeDeferred())
        #expect(taken == order)
    }
}
