import TestSupport

@testable import RelayCore

extension RoomRecord {
    /// A record as it might be of a room, with every field at its bounds now and then.
    static func random(_ dice: inout SeededGenerator) -> RoomRecord {
        let owners = 1 + (dice.roll(8) == 0 ? dice.roll(3_000) : dice.roll(12))
        let held = (0..<owners).filter { _ in dice.roll(3) == 0 }.map {
            HeldPlace(slot: Slot($0), seconds: [0, 1, 30, Int(Int32.max)][dice.roll(4)])
        }
        let urls = [
            nil, "", "https://game.example/", "https://{instance}.game.example/{room}?ü={room}",
            String(repeating: "u", count: ControllerURL.maximumBytes),
        ]
        let snapshots: [[UInt8]?] = [
            nil, Array("null".utf8), Array(#" {"level" : "é\u00e9", "n": 1e99} "#.utf8),
            Array(repeating: UInt8(ascii: " "), count: ClientMessage.maximumStateBytesSent - 1) + Array("1".utf8),
        ]
        let origins = [
            "unknown", "", "https://game.example", OriginTable.otherLabel, "e\u{301}", "é",
            String(repeating: "o", count: OriginTable.maxLabelBytes),
        ]
        let isPlain = dice.roll(2) == 0
        let banned = isPlain ? 0 : dice.roll(5)
        let tickets = (0..<(isPlain ? 0 : dice.roll(5))).map { _ in
            HeldTicket(
                slot: Slot(dice.roll(owners)), seconds: [0, 1, 600][dice.roll(3)],
                digest: SipHash.Digest(first: dice.next(), second: dice.next()))
        }
        return RoomRecord(
            code: RoomCode(home: nil, random: dice.next()), maxClients: [1, 8, 1_000, Int.max][dice.roll(4)],
            url: urls[dice.roll(urls.count)], holdSeconds: [0, 60, 600][dice.roll(3)],
            origin: origins[dice.roll(origins.count)], hash: SipHash(key0: dice.next(), key1: dice.next()),
            owners: (0..<owners).map { _ in
                dice.roll(20) == 0 ? SlotTable.nobody : SipHash.Digest(first: dice.next(), second: dice.next())
            }, held: held, snapshot: snapshots[dice.roll(snapshots.count)], isLocked: !isPlain && dice.roll(2) == 0,
            banned: (0..<banned).map { _ in SipHash.Digest(first: dice.next(), second: dice.next()) },
            tickets: tickets)
    }
}
