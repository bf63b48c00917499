import RelayEngine
import RelayWire
import Testing

@Suite("Counts of events in rooms", .blocking)
struct EventCountTests {
    private static let joins = "party_sockets_joins_total"
    private static let closes = "party_sockets_closes_total"
    private static let errors = "party_sockets_errors_total"

    @Test(
        "a join is counted by its kind: a new slot, one's own after a disconnect, or one's own from an open connection",
        arguments: [1, 4])
    func joins(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            var room = try relay.room(members: 1)
            #expect(try relay.page().counts(Self.joins, by: "kind").isEmpty)
            try room.add(try relay.connect())
            try room.add(try relay.connect())
            #expect(try relay.page().counts(Self.joins, by: "kind") == ["new": 2])

            room.members[2].send(.close, [])
            try room.host.expect(#"{"type":"peer_left","index":2}"#)
            let back = try relay.connect()
            try back.join(room.code, clientID: "client-2")
            _ = try back.text()
            #expect(try relay.page().counts(Self.joins, by: "kind") == ["new": 2, "reclaimed": 1])

            let over = try relay.connect()
            try over.join(room.code, clientID: "client-1")
            _ = try over.text()
            #expect(try relay.page().counts(Self.joins, by: "kind") == ["new": 2, "reclaimed": 1, "replaced": 1])

            let lost = try relay.connect()
            try lost.join("111111", clientID: "client-9")
            _ = try lost.text()
            #expect(try relay.page().counts(Self.joins, by: "kind").values.reduce(0, +) == 4)
        }
    }

    /// The code of a client's close, and the one it is counted under.
    private static let echoes: [(UInt16?, String)] = [
        (1000, "1000"), (1001, "1001"), (4000, "4000"), (nil, "none"), (1003, "other"), (4999, "other"),
    ]

    @Test("a close is counted by the code that was echoed", arguments: echoes)
    func echo(code: UInt16?, label: String) async throws {
        try await withRelay { relay in
            let client = try relay.connect()
            client.send(.close, code.map { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } ?? [])
            try client.expectClose(code)
            #expect(try relay.page().counts(Self.closes, by: "code") == [label: 1])
        }
    }

    @Test(
        "a close for a violation is counted by its code, and one that cannot be sent is not",
        arguments: [
            ([0x81, 0x00], ["1002": 1.0]), ([0x81, 0x81, 0, 0, 0, 0, 0xFF], ["1007": 1]),
            ([0x81, 0xFF, 0x7F] + [UInt8](repeating: 0xFF, count: 11), ["1009": 1]), ([], [:]),
        ] as [([UInt8], [String: Double])])
    func violation(bytes: [UInt8], counts: [String: Double]) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            if bytes.isEmpty { room.members[1].socket.close() } else { room.members[1].write(bytes) }
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            #expect(try relay.page().counts(Self.closes, by: "code") == counts)
        }
    }

    @Test("a takeover, the end of a room and the shutdown of the relay each close with their own code")
    func ownCloses() async throws {
        let (engine, stays) = try await withRelay { relay in
            let room = try relay.room(members: 3)
            let stays = try relay.room(members: 1)
            let over = try relay.connect()
            try over.join(room.code, clientID: "client-1")
            _ = try over.text()
            try room.members[1].expectClose(4000, "replaced")
            room.host.send(#"{"type":"close_room"}"#)
            try room.host.expectClose(4001, "room closed")
            #expect(try relay.page().counts(Self.closes, by: "code") == ["4000": 1, "4001": 3])
            try stays.host.expectNothing()
            return (relay.engine, stays)
        }
        try stays.host.expectClose(1012, "service restart")
        #expect(
            engine.statistics().closes.filter { $0.value != 0 } == [.replaced: 1, .roomClosed: 3, .serviceRestart: 1])
    }

    @Test("a connection that has no room for too long is counted under 4002")
    func noRoom() async throws {
        try await withRelay {
            $0.joinTimeout = 1
        } _: { relay in
            let client = try relay.connect()
            try client.expectClose(4002, "no room")
            #expect(try relay.page().counts(Self.closes, by: "code") == ["4002": 1])
        }
    }

    @Test("each error message is counted under its kind, whatever the client wrote", arguments: WrongMessage.everyKind)
    func errors(wrong: WrongMessage, kind: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2, maxClients: 2)
            let sender =
                switch wrong.sender {
                case .stranger: try relay.connect()
                case .host: room.host
                case .guest: room.members[1]
                }
            #expect(try relay.page().counts(Self.errors, by: "error").isEmpty)
            sender.send(wrong.message.replacing("CODE", with: room.code))
            try sender.expect(#"{"type":"error","message":"\#(wrong.error)"}"#)
            #expect(try relay.page().counts(Self.errors, by: "error") == [kind: 1])
        }
    }

    @Test("errors of the machine as a whole are counted too, and so is the drain")
    func machineErrors() async throws {
        try await withRelay {
            $0.maxRooms = 1
            $0.missesPerMinute = 1
            $0.clientIPHeader = .flyClientIP
        } _: { relay in
            let room = try relay.room(members: 1)
            let client = try relay.connect(headers: ["Fly-Client-IP: 192.0.2.1"])
            client.send(#"{"type":"create","clientId":"c","maxClients":2}"#)
            try client.expect(#"{"type":"error","message":"Server is full"}"#)
            for answer in ["Room not found", "Too many attempts"] {
                try client.join("111111", clientID: "c")
                try client.expect(#"{"type":"error","message":"\#(answer)"}"#)
            }
            #expect(try relay.page()["party_sockets_draining"] == 0)
            relay.engine.beginDrain()
            client.send(#"{"type":"create","clientId":"c","maxClients":2}"#)
            try client.expect(#"{"type":"error","message":"Server draining"}"#)
            let page = try relay.page()
            #expect(page["party_sockets_draining"] == 1)
            #expect(
                page.counts(Self.errors, by: "error")
                    == ["server_full": 1, "room_not_found": 1, "too_many_attempts": 1, "server_draining": 1])
            try room.host.expectNothing()
        }
    }
}

extension WrongMessage {
    /// One message for each kind of error that a client can cause by itself, and the kind. `CODE` is a full room.
    static let everyKind: [(WrongMessage, String)] = [
        (WrongMessage(.stranger, "{", "Invalid JSON"), "invalid_json"),
        (WrongMessage(.stranger, "{}", "Unknown message type"), "unknown_message_type"),
        (WrongMessage(.host, #"{"type":"create"}"#, "Already in a room"), "already_in_room"),
        (WrongMessage(.stranger, #"{"type":"close_room"}"#, "Not in a room"), "not_in_room"),
        (WrongMessage(.stranger, #"{"type":"create"}"#, "clientId is required"), "client_id_required"),
        (
            WrongMessage(.stranger, create(clientID: String(repeating: "x", count: 257)), "clientId is too long"),
            "client_id_too_long"
        ),
        (
            WrongMessage(
                .stranger, #"{"type":"create","clientId":"c"}"#, "maxClients must be a positive number"),
            "max_clients_invalid"
        ),
        (WrongMessage(.stranger, #"{"type":"join","clientId":"c"}"#, "room is required"), "room_required"),
        (
            WrongMessage(.stranger, #"{"type":"join","clientId":"c","room":"111111"}"#, "Room not found"),
            "room_not_found"
        ),
        (WrongMessage(.stranger, #"{"type":"join","clientId":"c","room":"CODE"}"#, "Room is full"), "room_full"),
        (WrongMessage(.host, #"{"type":"send","to":9}"#, "Target peer not found"), "target_not_found"),
        (WrongMessage(.guest, #"{"type":"set_state"}"#, "Only the host can set state"), "only_host_can_set_state"),
        (WrongMessage(.host, #"{"type":"set_state"}"#, "State data is required"), "state_data_required"),
        (WrongMessage(.host, setState(bytes: 16_385), "State too large"), "state_too_large"),
        (
            WrongMessage(.guest, #"{"type":"close_room"}"#, "Only the host can close the room"),
            "only_host_can_close"
        ),
        (url("7", "url must be a string"), "url_not_a_string"),
        (url(#""https://\#(String(repeating: "x", count: 600))""#, "url too large"), "url_too_large"),
        (url(#""https://x/ ""#, "url must not contain spaces or control characters"), "url_has_spaces"),
        (url(#""https://x/{secret}""#, "Unknown url placeholder: {secret}"), "unknown_url_placeholder"),
        (url(#""https://x/}""#, "url has an unmatched placeholder brace"), "unmatched_url_brace"),
        (url(#""x""#, "url is not a valid URL"), "url_invalid"),
        (url(#""http://x/""#, "url must be an https URL"), "url_not_https"),
    ]

    private static func url(_ url: String, _ error: String) -> WrongMessage {
        WrongMessage(.stranger, #"{"type":"create","clientId":"c","maxClients":2,"url":\#(url)}"#, error)
    }
}
