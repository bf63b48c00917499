import PartySocketsClient

/// What everybody sees: who was first, and how often each player was.
struct Scoreboard: Codable, Equatable, Sendable {
    var winner: String?
    var wins: [String: Int] = [:]
}

/// What a phone sends when its button is pressed.
struct Buzz: Codable, Sendable {
    var name: String
}

/// The big screen: it opens a room, shows the code, and says who was first, until it is cancelled.
func runDisplay(on relay: String, show: (String) -> Void) async throws {
    let room = try await Room.create(relay, maxClients: 8, hold: .seconds(30))
    show("Join with \(room.code)")
    var board = Scoreboard()
    try room.setState(board)
    for await event in room.events {
        switch event {
        case .message(let player, let data?):
            // Whatever a phone sends, the display goes on.
            guard let buzz = try? data.decode(Buzz.self) else { continue }
            board.winner = buzz.name
            board.wins[buzz.name, default: 0] += 1
            try room.setState(board)
            try room.send("You were first!", to: .one(player))
        case .away(let player, _, _): show("Player \(player) is away")
        case .back(let player): show("Player \(player) is back")
        case .disconnected: show("Connection lost, coming back …")
        case .reconnected: show("Join with \(room.code)")
        case .closed(let error): show("Over: \(error.message)")
        default: break
        }
    }
}

/// A phone: it joins by the code, presses its button once, and waits for its name on the board.
func runPhone(of name: String, on relay: String, code: String) async throws -> Scoreboard? {
    let room = try await Room.join(relay, code: code)
    try room.send(Buzz(name: name), to: .one(0))
    for await event in room.events {
        guard case .state(let data) = event else { continue }
        let board = try data.decode(Scoreboard.self)
        if board.winner == name {
            await room.leave()
            return board
        }
    }
    return nil
}
