import RelayCore

/// The smallest relay around `ClientMessage` and `Room`: it does what their results tell it to do, and nothing else.
struct CoreRelay {
    static let limits = MessageLimits(maxClientsPerRoom: 10, maxClientIDBytes: 32)

    private var live: [RoomCode: Room<Int>] = [:]
    private var places: [Int: (code: RoomCode, slot: Slot)] = [:]
    /// The number of absences of each room's host that have begun.
    private var absences: [RoomCode: Int] = [:]
    private var created: UInt64 = 0
    private var joins: UInt64 = 0
    /// Tickets and client ids that were drawn; here they are no secrets.
    private var drawn: UInt64 = 0
    /// Advances so far with each join that nobody comes too early for a new slot.
    private var now: UInt64 { joins * 125_000_000 }
    private var sayings: [RelayScript.Saying] = []

    var rooms: Set<RoomView> {
        Set(
            live.values.map { room in
                RoomView(
                    code: Self.text(of: room.code), maxClients: room.maxClients, url: room.url,
                    held: room.record(origin: "", keepingPlacesFor: 1, now: now).held.map(\.slot.index).filter {
                        !room.isConnected(Slot($0))
                    },
                    seats: Dictionary(uniqueKeysWithValues: room.seats.map { ($0.slot.index, $0.member) }),
                    state: room.snapshot)
            })
    }

    mutating func sayings(after event: RelayScript.Event) -> [RelayScript.Saying] {
        sayings = []
        switch event {
        case .message(let client, let text):
            do throws(RelayError) {
                try receive(text, from: client)
            } catch {
                say(to: client) { ServerMessage.appendError(to: &$0, error) }
            }
        case .end(let client, let saysGoodbye):
            leave(client, saysGoodbye ? .goodbye : .lost)
        case .dormancyOver:
            for room in live.values where room.isDormant { live[room.code] = nil }
        case .graceOver:
            for (code, room) in live.sorted(by: { $0.key.number < $1.key.number }) {
                let last = absences[code] ?? 0
                precondition(
                    (0..<last).allSatisfy { !room.hostGraceExpired(absence: $0) },
                    "an absence that is over ends the room")
                if room.hostGraceExpired(absence: last) { close(room) }
            }
        }
        return sayings
    }

    // MARK: Messages

    private mutating func receive(_ text: [UInt8], from client: Int) throws(RelayError) {
        let message = try ClientMessage.parse(text.span)
        let details = message.details(in: text.span)
        switch message.kind {
        case .create:
            if places[client] != nil { throw .alreadyInRoom }
            try create(try details.createRequest(in: text.span, limits: Self.limits), for: client)
        case .join:
            if places[client] != nil { throw .alreadyInRoom }
            try join(try details.joinRequest(in: text.span, limits: Self.limits), with: client)
        case .send:
            try relay(message, in: text, from: client)
        case .setState:
            let (room, slot) = try place(of: client)
            try room.checkMaySetState(slot)
            let data = Array(text[try message.stateData(in: text.span)])
            try live[room.code]?.setState(data, by: slot)
            for seat in room.seats where seat.slot != slot {
                say(to: seat.member) { ServerMessage.appendState(to: &$0, data: data.span) }
            }
        case .leave:
            _ = try place(of: client)
            leave(client, .goodbye)
            sayings.append(RelayScript.Saying(client: client, text: "left"))
        case .closeRoom:
            let (room, slot) = try place(of: client)
            try room.checkMayClose(slot)
            close(room)
        case .ping:
            let echo = details.echo.map { Array(text[$0.range]) } ?? []
            say(to: client) { ServerMessage.appendPong(to: &$0, echo: echo.isEmpty ? nil : echo.span) }
        case .kick: try kick(details, in: text, by: client)
        case .lock:
            let code = try hosted(by: client)
            live[code]?.setLocked(try details.wantsLock(in: text.span))
        case .ticket: try issueTicket(details, in: text, to: client)
        }
    }

    /// Nobody here understands more than the original protocol, in which guests know no such message.
    private func hosted(by client: Int) throws(RelayError) -> RoomCode {
        let (room, slot) = try place(of: client)
        guard slot == .host else { throw .unknownMessageType }
        return room.code
    }

    private mutating func kick(_ message: MessageDetails, in text: [UInt8], by client: Int) throws(RelayError) {
        let code = try hosted(by: client)
        let slot = try message.subject(in: text.span)
        let (isBan, now) = (try message.isBan(in: text.span), now)
        guard let member = try live[code]?.kick(slot, ban: isBan, now: now) else { return }
        leave(member, .goodbye)
        sayings.append(RelayScript.Saying(client: member, text: "kicked"))
    }

    private mutating func issueTicket(
        _ message: MessageDetails, in text: [UInt8], to client: Int
    ) throws(RelayError) {
        let code = try hosted(by: client)
        let slot = try message.subject(in: text.span)
        let (ticket, now) = (Ticket(random: 0, drawn), now)
        try live[code]?.issue(ticket, for: slot, now: now)
        drawn += 1
        say(to: client) { ServerMessage.appendTicket(to: &$0, ticket, for: slot) }
    }

    private mutating func id(for given: ClientID?) -> ClientID {
        if let given { return given }
        drawn += 1
        return ClientID(random: 1, drawn)
    }

    private func place(of client: Int) throws(RelayError) -> (Room<Int>, Slot) {
        guard let place = places[client], let room = live[place.code] else { throw .notInRoom }
        return (room, place.slot)
    }

    private mutating func create(_ request: CreateRequest, for client: Int) throws(RelayError) {
        let code = RoomCode(home: nil, random: created)
        let url = try request.url.map { (url) throws(RelayError) in try url.filled(room: code, instance: nil) }
        created += 1
        live[code] = Room(
            code: code, maxClients: request.maxClients, url: url,
            // No script is so long that such a place is free again.
            holdSeconds: (request.holdSeconds ?? 0) > 0 ? MessageDetails.maximumHoldSeconds : 0,
            host: id(for: request.clientID), member: client, hash: SipHash(key0: 1, key1: created))
        places[client] = (code, .host)
        say(to: client) { bytes in
            ServerMessage.appendCreated(
                to: &bytes, room: code, machine: MachineLabels(instance: nil, region: ""), url: url, terms: nil)
        }
    }

    private mutating func join(_ request: JoinRequest, with client: Int) throws(RelayError) {
        guard let code = request.room, var room = live[code] else { throw .roomNotFound }
        joins += 1
        let id = id(for: request.clientID)
        let former = room.slot(of: id)
        let slot: Slot
        let ticket = request.ticket.flatMap { room.slot(for: $0, now: now) == nil ? nil : $0 }
        switch try Self.join(&room, id, with: ticket, as: client, now: now) {
        case .entered(let new):
            slot = new
            announce(slot, in: room)
        case .reclaimed(let own):
            slot = own
            announce(slot, in: room)
        case .replaced(let kept, let old):
            slot = kept
            places[old] = nil
            sayings.append(RelayScript.Saying(client: old, text: "replaced"))
        }
        live[code] = room
        places[client] = (code, slot)
        if let former, former != slot, let old = try? room.seat(of: former) {
            leave(old, .goodbye, untold: slot)
            sayings.append(RelayScript.Saying(client: old, text: "replaced"))
            room = live[code] ?? room
        }
        say(to: client) { bytes in
            ServerMessage.appendJoined(
                to: &bytes, room: code, slot: slot, peers: room.peers(of: slot), url: room.url, more: nil)
        }
        if let state = room.snapshot { say(to: client) { ServerMessage.appendState(to: &$0, data: state.span) } }
    }

    private static func join(
        _ room: inout Room<Int>, _ clientID: ClientID, with ticket: Ticket?, as client: Int, now: UInt64
    ) throws(RelayError) -> JoinAction<Int> {
        do throws(JoinRefusal) {
            return try room.join(clientID, with: ticket, as: client, mayGrow: true, now: now)
        } catch {
            throw error.error
        }
    }

    private mutating func announce(_ slot: Slot, in room: Room<Int>) {
        for seat in room.seats where seat.slot != slot {
            say(to: seat.member) { ServerMessage.appendPeerJoined(to: &$0, slot: slot) }
        }
    }

    private mutating func relay(_ message: ClientMessage, in text: [UInt8], from client: Int) throws(RelayError) {
        let (room, sender) = try place(of: client)
        let receivers: [Int]
        switch try message.recipient(in: text.span) {
        case .others: receivers = room.seats.filter { $0.slot != sender }.map(\.member)
        case .slot(let slot): receivers = [try room.seat(of: slot)]
        }
        let data = message.data.map { Array(text[$0.range]) }
        for receiver in receivers {
            say(to: receiver) { bytes in
                bytes += Array(#"{"type":"message","from":\#(sender.index)"#.utf8)
                if let data { bytes += Array(#","data":"#.utf8) + data }
                bytes.append(UInt8(ascii: "}"))
            }
        }
    }

    // MARK: Ends

    private mutating func leave(_ client: Int, _ farewell: Farewell, untold: Slot? = nil) {
        guard let place = places.removeValue(forKey: client), var room = live[place.code] else { return }
        let action = room.leave(place.slot, farewell, now: now)
        live[place.code] = room
        switch action {
        case .ended: live[place.code] = nil
        case .left(let absence), .emptied(let absence): absences[place.code] = absence ?? absences[place.code]
        }
        for seat in room.seats where seat.slot != untold {
            say(to: seat.member) { ServerMessage.appendPeerLeft(to: &$0, slot: place.slot) }
        }
    }

    private mutating func close(_ room: Room<Int>) {
        live[room.code] = nil
        for seat in room.seats {
            places[seat.member] = nil
            sayings.append(RelayScript.Saying(client: seat.member, text: "room closed"))
        }
    }

    private mutating func say(to client: Int, _ append: (inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        append(&bytes)
        sayings.append(RelayScript.Saying(client: client, text: String(decoding: bytes, as: UTF8.self)))
    }

    private static func text(of code: RoomCode) -> String {
        var bytes: [UInt8] = []
        code.append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
