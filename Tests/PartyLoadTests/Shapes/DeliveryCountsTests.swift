import Testing

@testable import party_load

@Suite("The numbers of messages between a host and its guests")
struct DeliveryCountsTests {
    @Test("each guest and each direction has its own numbers")
    func numbers() {
        let members = Room(members: 3, firstIndex: 0, name: "r").members
        var counts = DeliveryCounts(members: 3)
        for (count, sender, receiver, numbers) in [
            (2, 0, 1, 0..<2), (1, 0, 1, 2..<3), (4, 0, 2, 0..<4), (3, 1, 0, 0..<3), (1, 2, 0, 0..<1), (1, 1, 0, 3..<4),
        ] {
            #expect(counts.add(count, from: members[sender], to: members[receiver]) == numbers)
        }
        #expect(members.dropFirst().map { counts.heard(by: $0) } == [3, 4])
        #expect(members.dropFirst().map { counts.heardByHost(from: $0) } == [4, 1])
    }
}
