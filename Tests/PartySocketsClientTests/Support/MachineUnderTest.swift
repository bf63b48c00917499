@testable import PartySocketsClient

/// A member's machine with a clock of its own, and what it has decided.
struct MachineUnderTest {
    var machine: RoomMachine
    private(set) var now = Duration.zero

    /// - Parameter jitter: every random number that is drawn.
    init(
        _ goal: RoomMachine.Goal = .join("K4qZ9x"), ticket: String? = nil, isKnown: Bool = false, jitter: Double = 1,
        options: (inout RoomOptions) -> Void = { _ in }
    ) throws {
        var chosen = RoomOptions()
        options(&chosen)
        machine = RoomMachine(
            goal, ticket: ticket, at: try RelayURL("ws://relay"), as: ClientID(secret: "secret"), isKnown: isKnown,
            options: chosen, random: { jitter })
    }

    /// A member who is in the room, alone unless others are named.
    static func member(
        entrance: String = joined(), jitter: Double = 1, options: (inout RoomOptions) -> Void = { _ in }
    ) throws -> MachineUnderTest {
        var test = try MachineUnderTest(jitter: jitter, options: options)
        _ = test.begin()
        _ = test.opened()
        _ = test.hear(entrance)
        return test
    }

    /// The answer to `join`, by a relay with or without the protocol's additions.
    static func joined(index: Int = 1, peers: [Int] = [0], away: [Int] = [], isOld: Bool = false) -> String {
        let start = #"{"type":"joined","room":"K4qZ9x","index":\#(index),"peers":\#(peers)"#
        return isOld
            ? start + "}" : start + #","instance":"m-1","region":"ams","maxClients":8,"hold":0,"away":\#(away)}"#
    }

    mutating func begin() -> [RoomMachine.Action] { machine.begin(at: now) }

    mutating func opened() -> [RoomMachine.Action] { machine.opened(at: now) }

    mutating func hear(_ text: String) -> [RoomMachine.Action] { machine.received(Array(text.utf8), at: now) }

    mutating func lose(_ code: Int? = nil) -> [RoomMachine.Action] {
        machine.ended(PartyError(CloseCode(number: code)), at: now)
    }

    mutating func refuse(_ status: Int, retryAfter: Duration? = nil, location: String? = nil) -> [RoomMachine.Action] {
        machine.refused(status: status, location: location, retryAfter: retryAfter, at: now)
    }

    /// The relay refuses the attempt that is under way.
    mutating func deny(_ code: String, retryAfter: Int? = nil) -> [RoomMachine.Action] {
        _ = opened()
        let field = retryAfter.map { #","retryAfter":\#($0)"# } ?? ""
        return hear(#"{"type":"error","message":"No","code":"\#(code)"\#(field)}"#)
    }

    mutating func pass(_ time: Duration) { now += time }

    /// Lets the time pass until the machine wants to do something, and lets it.
    mutating func wake() -> [RoomMachine.Action] {
        guard let wake = machine.wake else { return [] }
        now = max(now, wake)
        return machine.tick(at: now)
    }

    /// The wait before the next attempt; nil if there is none.
    var wait: Duration? {
        switch machine.state {
        case .waiting(let time): time - now
        case .connecting: .zero
        default: nil
        }
    }

    /// Why it is over.
    var end: PartyError.Code? {
        if case .ended(let error) = machine.state { error.code } else { nil }
    }
}

extension [RoomMachine.Action] {
    /// The paths that are to be connected to.
    var paths: [String] {
        compactMap { if case .connect(let target) = $0 { target.path } else { nil } }
    }

    /// What is to be sent.
    var texts: [String] {
        compactMap { if case .write(let message) = $0 { String(decoding: message.text, as: UTF8.self) } else { nil } }
    }

    var events: [RoomEvent] {
        compactMap { if case .emit(let event) = $0 { event } else { nil } }
    }
}
