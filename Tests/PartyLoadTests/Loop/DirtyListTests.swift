import Testing

@testable import party_load

@Suite("The members with something to send")
struct DirtyListTests {
    private static func all(_ list: inout DirtyList) -> [Int] {
        var indices: [Int] = []
        while let index = list.popFirst() { indices.append(index) }
        return indices
    }

    @Test("each member is listed once, in the order of its first insertion")
    func once() {
        var list = DirtyList(members: 5)
        for index in [3, 1, 3, 4, 1] { list.insert(index) }
        #expect(Self.all(&list) == [3, 1, 4])
        #expect(Self.all(&list) == [])
    }

    @Test("a member taken off the list can be inserted again at once")
    func again() {
        var list = DirtyList(members: 3)
        for index in 0..<3 { list.insert(index) }
        #expect(list.popFirst() == 0)
        for index in 0..<3 { list.insert(index) }
        #expect(Self.all(&list) == [1, 2, 0])
        list.insert(1)
        #expect(Self.all(&list) == [1])
    }
}
