import Testing

@testable import party_load

@Suite("A client and its connection")
struct MemberTests {
    private static let code = Array("ABCD".utf8)
    private static let created = ServerText(.created, code: 0..<4)
    private static func joined(_ slot: Int) -> ServerText { ServerText(.joined, slot: slot, code: 0..<4) }

    /// Connects a member and takes it to a phase by the events that a server causes.
    private static func bring(_ member: Member, to phase: Member.Phase) {
        guard phase != .away else { return }
        member.opened(9, at: 0, request: [])
        guard phase != .upgrading else { return }
        _ = member.upgraded()
        guard phase != .entering else { return }
        _ = member.received(member.isHost ? created : joined(member.position), in: code.span)
        guard phase != .seated else { return }
        _ = member.leave([])
    }

    /// A room of three with its host seated.
    private static func room() -> Room {
        let room = Room(members: 3, firstIndex: 0, name: "r")
        bring(room.host, to: .seated)
        return room
    }

    @Test("the host creates the room, and guests join it by its code")
    func entry() {
        let room = Room(members: 2, firstIndex: 0, name: "r")
        let (host, guest) = (room.members[0], room.members[1])
        host.opened(5, at: 7, request: [])
        #expect(host.openedAt == 7)
        #expect(host.upgraded() == .say(ClientText.create(clientID: "r-0", maxClients: 2)))
        #expect(host.received(Self.created, in: Self.code.span) == .seated)
        #expect(room.code == Self.code)
        guest.opened(6, at: 8, request: [])
        #expect(guest.upgraded() == .say(ClientText.join(clientID: "r-1", room: Self.code)))
        #expect(guest.received(Self.joined(1), in: Self.code.span) == .seated)
        #expect(room.member(in: 0) === host)
        #expect(room.member(in: 1) === guest)
        #expect(room.member(in: 2) == nil)
    }

    @Test("a client without a room is seated after the upgrade")
    func alone() {
        let member = Room(members: 0, firstIndex: 0, name: "r").host
        member.opened(5, at: 0, request: [])
        #expect(member.upgraded() == .seated)
        #expect(member.phase == .seated)
    }

    @Test("a host that comes back joins its room and takes its old slot")
    func returning() {
        let host = Self.room().host
        #expect(host.hungUp() == 9)
        #expect(host.hungUp() == nil)
        #expect(host.slot == 0)
        host.opened(5, at: 0, request: [])
        #expect(host.upgraded() == .say(ClientText.join(clientID: "r-0", room: Self.code)))
        #expect(host.received(Self.joined(1), in: Self.code.span) == .failed(.errors))
        #expect(host.received(Self.joined(0), in: Self.code.span) == .seated)
    }

    @Test("a host whose room has ended creates a new one")
    func anew() {
        let room = Self.room()
        _ = room.host.hungUp()
        room.forgetCode()
        #expect(room.member(in: 0) == nil)
        room.host.opened(5, at: 0, request: [])
        #expect(room.host.upgraded() == .say(ClientText.create(clientID: "r-0", maxClients: 3)))
    }

    @Test(
        "the end of a connection is a failure or not, by its phase",
        arguments: [
            (Member.Phase.away, Member.Step.nothing), (.upgrading, .failed(.connect)), (.entering, .failed(.connect)),
            (.seated, .failed(.closed)), (.leaving, .left),
        ])
    func disconnected(phase: Member.Phase, step: Member.Step) {
        let guest = Self.room().members[1]
        Self.bring(guest, to: phase)
        #expect(guest.phase == phase)
        #expect(guest.disconnected() == step)
    }

    /// A text that a guest receives in a phase, and the expected step.
    struct Hearing: Sendable, CustomTestStringConvertible {
        let phase: Member.Phase
        let text: ServerText
        let step: Member.Step

        var testDescription: String { "\(phase): \(text.kind) \(text.slot)" }
    }

    private static let hearings: [Hearing] = [
        Hearing(phase: .entering, text: joined(1), step: .seated),
        Hearing(phase: .entering, text: joined(2), step: .seated),
        Hearing(phase: .entering, text: joined(3), step: .failed(.errors)),
        Hearing(phase: .entering, text: created, step: .failed(.errors)),
        Hearing(phase: .entering, text: ServerText(.error), step: .failed(.connect)),
        Hearing(phase: .entering, text: ServerText(.unknown), step: .failed(.errors)),
        Hearing(phase: .seated, text: joined(1), step: .failed(.errors)),
        Hearing(phase: .seated, text: ServerText(.error), step: .failed(.errors)),
        Hearing(phase: .seated, text: ServerText(.peer), step: .nothing),
        Hearing(phase: .seated, text: ServerText(.state), step: .nothing),
        Hearing(phase: .leaving, text: ServerText(.peer), step: .nothing),
    ]

    @Test("a text out of place is a failure", arguments: hearings)
    func received(hearing: Hearing) {
        let guest = Self.room().members[1]
        Self.bring(guest, to: hearing.phase)
        #expect(guest.received(hearing.text, in: Self.code.span) == hearing.step)
    }

    @Test(
        "only a member in its room can leave",
        arguments: [Member.Phase.away, .upgrading, .entering, .seated, .leaving])
    func leave(phase: Member.Phase) {
        let guest = Self.room().members[1]
        Self.bring(guest, to: phase)
        #expect(guest.leave([]) == (phase == .seated))
    }

    @Test("messages count only between members of the room")
    func origin() {
        func name(_ origin: Member.Origin) -> String {
            switch origin {
            case .member(let sender): sender.clientID
            case .ignored: "ignored"
            case .unknown: "unknown"
            }
        }
        let room = Self.room()
        let guest = room.members[1]
        Self.bring(guest, to: .entering)
        #expect(name(guest.origin(ofSlot: 0)) == "unknown")
        _ = guest.received(Self.joined(1), in: Self.code.span)
        #expect(name(guest.origin(ofSlot: 0)) == "r-0")
        #expect(name(guest.origin(ofSlot: 2)) == "unknown")
        #expect(name(guest.origin(ofSlot: 9_999)) == "unknown")
        _ = guest.leave([])
        #expect(name(guest.origin(ofSlot: 0)) == "ignored")
        room.markBroken()
        #expect(name(room.host.origin(ofSlot: 2)) == "ignored")
    }

    @Test("each guest and each direction has its own sequence numbers")
    func numbers() {
        let members = Room(members: 3, firstIndex: 0, name: "r").members
        for (count, sender, receiver, numbers) in [
            (2, 0, 1, 0..<2), (1, 0, 1, 2..<3), (4, 0, 2, 0..<4), (3, 1, 0, 0..<3), (1, 2, 0, 0..<1), (1, 1, 0, 3..<4),
        ] {
            #expect(Member.count(count, from: members[sender], to: members[receiver]) == numbers)
        }
        #expect(members.dropFirst().map(\.received) == [3, 4])
        #expect(members.dropFirst().map(\.receivedByHost) == [4, 1])
    }
}
