/// A script of what eight clients do, one event a line: the client's digit, and the message that it sends. A digit alone
/// ends its connection without goodbye, and with `.` after it with a close frame; `*` is the end of the grace period of
/// every room whose host is away, and `~` the end of every dormant room.
///
/// The tests own it and what it runs, and the fuzzer has links to them, as SwiftPM gives no file to two targets.
struct RelayScript {
    enum Event {
        case message(client: Int, text: [UInt8])
        case end(client: Int, saysGoodbye: Bool)
        case graceOver
        case dormancyOver
    }

    /// What the relay says to a client: a text, or the close of its connection.
    struct Saying: Hashable, CustomStringConvertible {
        let client: Int
        let text: String

        var description: String { "\(client) hears \(text)" }
    }

    let events: [Event]

    init(_ bytes: [UInt8]) {
        events = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard let first = line.first else { return nil }
            if first == UInt8(ascii: "*") { return .graceOver }
            if first == UInt8(ascii: "~") { return .dormancyOver }
            let client = Int(first & 7)
            let rest = Array(line.dropFirst())
            if rest.isEmpty || rest == [UInt8(ascii: ".")] { return .end(client: client, saysGoodbye: !rest.isEmpty) }
            return .message(client: client, text: rest)
        }
    }

    /// Plays it on the relay's own types and on the plain ones: they must agree after each event.
    ///
    /// - Returns: all that the relay has said.
    @discardableResult
    func check() throws(Disagreement) -> [Saying] {
        var core = CoreRelay()
        var plain = PlainRelay()
        var all: [Saying] = []
        for (number, event) in events.enumerated() {
            if case .message(_, let text) = event, !PlainMessage.understands(text) { continue }
            let said = core.sayings(after: event)
            let expected = plain.sayings(after: event)
            try Disagreement.unless(said == expected, "event \(number): \(said) and not \(expected)")
            let (rooms, plainRooms) = (core.rooms, plain.snapshot)
            try Disagreement.unless(rooms == plainRooms, "event \(number): \(rooms) and not \(plainRooms)")
            all += said
        }
        return all
    }
}

/// What there is to see of a room.
struct RoomView: Hashable {
    let code: String
    let maxClients: Int
    let url: String?
    /// The slots whose places are kept.
    let held: [Int]
    /// The client in each connected slot.
    let seats: [Int: Int]
    let state: [UInt8]?
}
