import RelayEngine
import TestSupport
import Testing

@Suite("Rooms across loops", .blocking)
struct LoopsTests {
    @Test(
        "a client may send plain requests, upgrade, join and 20 messages in one go: nothing is lost or reordered",
        arguments: EngineVariant.all(loops: [2, 4]), 0..<4)
    func pipelined(variant: EngineVariant, seed: UInt64) async throws {
        try await withRelay(variant) { relay in
            var random = SeededGenerator(seed: seed)
            let rooms = try (0..<6).map { _ in try relay.room(members: 1) }
            var streams: [(client: TestClient, pieces: [ArraySlice<UInt8>])] = []
            for index in 0..<24 {
                // The detours go through the loops of other rooms.
                let detour = rooms[(index + 1) % 6].code
                let target = index % 2 == 0 ? "/" : "/\(rooms[(index + 2) % 6].code)"
                let requests =
                    TestClient.request("/room/\(detour)")
                    + TestClient.request(target, headers: TestClient.upgradeFields)
                var bytes = Array(requests.utf8)
                bytes += TestClient.frame(#"{"type":"join","clientId":"\#(index)","room":"\#(rooms[index % 6].code)"}"#)
                for number in 0..<20 {
                    bytes += TestClient.frame(#"{"type":"send","to":0,"data":[\#(index),\#(number)]}"#)
                }
                streams.append((try relay.dial(), random.pieces(of: bytes, count: 1 + index % 5)))
            }
            for turn in 0..<5 {
                for stream in streams where turn < stream.pieces.count {
                    stream.client.write(Array(stream.pieces[turn]))
                }
            }
            for (index, room) in rooms.enumerated() {
                try expectAll(from: Set(stride(from: index, to: 24, by: 6)), at: room.host)
            }
            for (index, stream) in streams.enumerated() {
                #expect(try stream.client.reply().body.hasPrefix(#"{"clients":"#))
                #expect(try stream.client.reply().status == 101)
                let joined = try stream.client.text()
                #expect(joined.hasPrefix(#"{"type":"joined","room":"\#(rooms[index % 6].code)","index":"#))
            }
        }
    }

    /// Reads 20 messages of each sender, in each one's order, and nothing else but their `peer_joined`.
    private func expectAll(from senders: Set<Int>, at host: TestClient) throws {
        var next = Dictionary(uniqueKeysWithValues: senders.map { ($0, 0) })
        var slots: [Int: Substring] = [:]
        var joins = 0
        for _ in 0..<(senders.count * 21) {
            let text = try host.text("a message of a sender")
            if text.hasPrefix(#"{"type":"peer_joined","#) {
                joins += 1
                continue
            }
            let match = try #require(
                text.wholeMatch(of: /\{"type":"message","from":([0-9]+),"data":\[([0-9]+),([0-9]+)\]\}/))
            let (sender, number) = (Int(match.2) ?? -1, Int(match.3))
            #expect(next[sender] == number)
            #expect(slots[sender] ?? match.1 == match.1)
            slots[sender] = match.1
            next[sender, default: 0] += 1
        }
        #expect(joins == senders.count)
        #expect(next.values.allSatisfy { $0 == 20 })
        try host.expectNothing()
    }

    @Test(
        "in 50 rooms of 4 that all talk at once, every message arrives once and in its sender's order",
        arguments: EngineVariant.all(loops: [1, 2, 4]))
    func manyRooms(variant: EngineVariant) async throws {
        try await withRelay(variant) { relay in
            let rooms = try (0..<50).map { _ in try relay.room(members: 4) }
            for number in 0..<10 {
                for slot in 0..<4 {
                    for (index, room) in rooms.enumerated() {
                        room.members[slot].send(#"{"type":"send","data":[\#(index),\#(number)]}"#)
                    }
                }
            }
            for (index, room) in rooms.enumerated() {
                for (slot, member) in room.members.enumerated() {
                    var next = [0, 0, 0, 0]
                    for _ in 0..<30 {
                        let text = try member.text()
                        let sender = Int(String(text.dropFirst(25).prefix(1))) ?? 0
                        #expect(text == #"{"type":"message","from":\#(sender),"data":[\#(index),\#(next[sender])]}"#)
                        next[sender] += 1
                    }
                    #expect(next.enumerated().allSatisfy { $1 == ($0 == slot ? 0 : 10) })
                    try member.expectNothing()
                }
            }
        }
    }
}
