import RelayCore

/// The relay's contract again, in the plainest way that comes to mind: look everything up, sort when asked, and write
/// each answer out.
struct PlainRelay {
    private struct PlainRoom {
        let maxClients: Int
        let url: String?
        /// Whether places are kept for those who are lost.
        let holds: Bool
        /// Nil for a slot that belongs to nobody any more.
        var clientIDs: [String?]
        /// Slots whose places are kept.
        var held: Set<Int> = []
        /// The client in each connected slot.
        var seats: [Int: Int]
        var state: [UInt8]?
        var isLocked = false
        var banned: [String] = []
        /// The slot that each is good for, the oldest first.
        var tickets: [(text: String, slot: Int)] = []
    }

    private struct Refusal: Error {
        let text: String
    }

    private var rooms: [String: PlainRoom] = [:]
    private var places: [Int: (code: String, slot: Int)] = [:]
    private var created: UInt64 = 0
    private var drawn = 0
    private var sayings: [RelayScript.Saying] = []

    var snapshot: Set<RoomView> {
        Set(
            rooms.map { code, room in
                RoomView(
                    code: code, maxClients: room.maxClients, url: room.url, held: room.held.sorted(),
                    seats: room.seats, state: room.state)
            })
    }

    mutating func sayings(after event: RelayScript.Event) -> [RelayScript.Saying] {
        sayings = []
        switch event {
        case .message(let client, let text):
            do throws(Refusal) {
                try receive(text, from: client)
            } catch {
                say(#"{"type":"error","message":"\#(error.text)"}"#, to: client)
            }
        case .end(let client, let saysGoodbye):
            leave(client, isLost: !saysGoodbye)
        case .dormancyOver:
            for (code, room) in rooms where room.seats.isEmpty { rooms[code] = nil }
        case .graceOver:
            for code in rooms.keys.sorted() where rooms[code]?.seats[0] == nil { close(code) }
        }
        return sayings
    }

    private mutating func receive(_ text: [UInt8], from client: Int) throws(Refusal) {
        guard (try? JSONScanner.scan(text.span)) != nil else { throw Refusal(text: "Invalid JSON") }
        let message = PlainMessage(text)
        switch message?.string("type") {
        case "create": try create(message, for: client)
        case "join": try join(message, with: client)
        case "send": try send(message, from: client)
        case "set_state": try setState(message, from: client)
        case "leave":
            _ = try place(of: client)
            leave(client, isLost: false)
            sayings.append(RelayScript.Saying(client: client, text: "left"))
        case "close_room":
            let place = try place(of: client)
            if place.slot != 0 { throw Refusal(text: "Only the host can close the room") }
            close(place.code)
        case "ping": say(#"{"type":"pong"\#(message?["t"].map { #","t":\#(self.text($0))"# } ?? "")}"#, to: client)
        case "kick": try kick(message, by: client)
        case "lock":
            let code = try hosted(by: client)
            guard let word = message?["locked"].map({ self.text($0) }), ["true", "false"].contains(word) else {
                throw Refusal(text: "locked must be true or false")
            }
            rooms[code]?.isLocked = word == "true"
        case "ticket":
            let code = try hosted(by: client)
            let slot = try subject(of: message, in: code)
            let ticket = hexadecimal(0, drawn)
            rooms[code]?.tickets.append((ticket, slot))
            if let count = rooms[code]?.tickets.count, count > 64 { rooms[code]?.tickets.removeFirst() }
            say(#"{"type":"ticket","index":\#(slot),"ticket":"\#(ticket)"}"#, to: client)
            drawn += 1
        default: throw Refusal(text: "Unknown message type")
        }
    }

    private func hosted(by client: Int) throws(Refusal) -> String {
        let place = try place(of: client)
        if place.slot != 0 { throw Refusal(text: "Unknown message type") }
        return place.code
    }

    private func subject(of message: PlainMessage?, in code: String) throws(Refusal) -> Int {
        guard let slot = message?.index("index"), slot < rooms[code]?.clientIDs.count ?? 0 else {
            throw Refusal(text: "Target peer not found")
        }
        return slot
    }

    private mutating func kick(_ message: PlainMessage?, by client: Int) throws(Refusal) {
        let code = try hosted(by: client)
        guard let number = message?.index("index") else { throw Refusal(text: "Target peer not found") }
        let word = message?["ban"].map { text($0) } ?? "null"
        guard ["true", "false", "null"].contains(word) else { throw Refusal(text: "ban must be true or false") }
        let slot = try subject(of: message, in: code)
        let member = rooms[code]?.seats[number]
        let wasHeld = rooms[code]?.held.contains(slot) == true
        guard word == "true" || member != nil || wasHeld else { throw Refusal(text: "Target peer not found") }
        if word == "true", let id = rooms[code]?.clientIDs[slot] { rooms[code]?.banned.append(id) }
        rooms[code]?.held.remove(slot)
        guard let member else { return }
        leave(member, isLost: false)
        sayings.append(RelayScript.Saying(client: member, text: "kicked"))
    }

    private mutating func leave(_ client: Int, isLost: Bool, untold: Int? = nil) {
        guard let place = places.removeValue(forKey: client) else { return }
        rooms[place.code]?.seats[place.slot] = nil
        if isLost, rooms[place.code]?.holds == true { rooms[place.code]?.held.insert(place.slot) }
        if !isLost, rooms[place.code]?.seats.isEmpty == true { rooms[place.code] = nil }
        say(#"{"type":"peer_left","index":\#(place.slot)}"#, toAllIn: place.code, but: untold)
    }

    private func place(of client: Int) throws(Refusal) -> (code: String, slot: Int) {
        guard let place = places[client] else { throw Refusal(text: "Not in a room") }
        return place
    }

    /// Nil where the relay is to draw one.
    private func clientID(of message: PlainMessage?) throws(Refusal) -> String? {
        let isAbsent = message?["clientId"].map { text($0) == "null" } ?? true
        if isAbsent, let version = message?.index("v"), version > 2 { return nil }
        guard let id = message?.string("clientId"), !id.isEmpty else { throw Refusal(text: "clientId is required") }
        if id.utf8.count > 32 { throw Refusal(text: "clientId is too long") }
        return id
    }

    private mutating func create(_ message: PlainMessage?, for client: Int) throws(Refusal) {
        if places[client] != nil { throw Refusal(text: "Already in a room") }
        let id = try clientID(of: message)
        guard let size = message?.positiveRoundedUp("maxClients") else {
            throw Refusal(text: "maxClients must be a positive number")
        }
        let code = code(created)
        var url: String?
        if let text = message?["url"], text != Array("null".utf8) {
            guard let template = message?.string("url") else { throw Refusal(text: "url must be a string") }
            // The rules of urls have tests of their own.
            do throws(RelayError) {
                url = try ControllerURL(template).filled(room: RoomCode(home: nil, random: created), instance: nil)
            } catch {
                throw Refusal(text: error.message)
            }
        }
        let hold = message?["hold"].map { text($0) } ?? "null"
        let seconds = hold == "null" ? 0 : message?.nonNegativeRoundedUp("hold").flatMap { $0 > 600 ? nil : $0 }
        // Who knows of it is told; to others it means nothing.
        if seconds == nil, let version = message?.index("v"), version > 2 {
            throw Refusal(text: "hold must be a number from 0 to 600")
        }
        created += 1
        rooms[code] = PlainRoom(
            maxClients: min(size, 10), url: url, holds: (seconds ?? 0) > 0, clientIDs: [id ?? draw()],
            seats: [0: client],
            state: nil)
        places[client] = (code, 0)
        say(#"{"type":"created","room":"\#(code)","instance":"","region":"","index":0\#(end(url))"#, to: client)
    }

    private mutating func join(_ message: PlainMessage?, with client: Int) throws(Refusal) {
        if places[client] != nil { throw Refusal(text: "Already in a room") }
        let id = try clientID(of: message)
        guard let code = message?.string("room"), !code.isEmpty else { throw Refusal(text: "room is required") }
        guard var room = rooms[code] else { throw Refusal(text: "Room not found") }
        let own = id ?? draw()
        // Bytes and not characters: Unicode has two ways to write some.
        let isOwn = { (other: String?) in other.map { Array($0.utf8) == Array(own.utf8) } ?? false }
        if room.banned.contains(where: isOwn) { throw Refusal(text: "Not allowed") }
        let known = room.clientIDs.firstIndex(where: isOwn)
        if room.seats.isEmpty, known == nil { throw Refusal(text: "Room not found") }
        let ticket = message?.string("ticket").flatMap { text in room.tickets.first { $0.text == text }?.slot }
        if ticket == nil, known == nil, room.isLocked { throw Refusal(text: "Room is locked") }
        let slot = ticket ?? known ?? room.clientIDs.count
        let former = known == slot ? nil : known
        let leaver = former.flatMap { room.seats[$0] }
        if let old = room.seats[slot] {
            places[old] = nil
            sayings.append(RelayScript.Saying(client: old, text: "replaced"))
        } else {
            room.held.remove(slot)
            if leaver == nil, room.seats.count + room.held.count >= room.maxClients {
                throw Refusal(text: "Room is full")
            }
            say(#"{"type":"peer_joined","index":\#(slot)}"#, toAllIn: code)
        }
        if let text = message?.string("ticket") { room.tickets.removeAll { $0.text == text } }
        if let former {
            room.clientIDs[former] = nil
            room.held.remove(former)
        }
        if slot == room.clientIDs.count { room.clientIDs.append(own) } else { room.clientIDs[slot] = own }
        room.seats[slot] = client
        rooms[code] = room
        places[client] = (code, slot)
        if let leaver {
            leave(leaver, isLost: false, untold: slot)
            sayings.append(RelayScript.Saying(client: leaver, text: "replaced"))
            room = rooms[code] ?? room
        }
        let peers = room.seats.keys.filter { $0 != slot }.sorted().map(String.init).joined(separator: ",")
        say(#"{"type":"joined","room":"\#(code)","index":\#(slot),"peers":[\#(peers)]\#(end(room.url))"#, to: client)
        if let state = room.state { say(#"{"type":"state","data":\#(text(state))}"#, to: client) }
    }

    private mutating func draw() -> String {
        drawn += 1
        return hexadecimal(1, drawn)
    }

    private mutating func send(_ message: PlainMessage?, from client: Int) throws(Refusal) {
        let place = try place(of: client)
        let data = message?["data"].map { #","data":\#(text($0))"# } ?? ""
        let frame = #"{"type":"message","from":\#(place.slot)\#(data)}"#
        guard message?["to"] != nil else { return say(frame, toAllIn: place.code, but: place.slot) }
        guard let slot = message?.index("to"), let receiver = rooms[place.code]?.seats[slot] else {
            throw Refusal(text: "Target peer not found")
        }
        say(frame, to: receiver)
    }

    private mutating func setState(_ message: PlainMessage?, from client: Int) throws(Refusal) {
        let place = try place(of: client)
        if place.slot != 0 { throw Refusal(text: "Only the host can set state") }
        guard let data = message?["data"] else { throw Refusal(text: "State data is required") }
        rooms[place.code]?.state = data
        say(#"{"type":"state","data":\#(text(data))}"#, toAllIn: place.code, but: 0)
    }

    private mutating func close(_ code: String) {
        for (_, client) in (rooms.removeValue(forKey: code)?.seats ?? [:]).sorted(by: { $0.key < $1.key }) {
            places[client] = nil
            sayings.append(RelayScript.Saying(client: client, text: "room closed"))
        }
    }

    // MARK: Words

    private mutating func say(_ text: String, to client: Int) {
        sayings.append(RelayScript.Saying(client: client, text: text))
    }

    private mutating func say(_ text: String, toAllIn code: String, but excluded: Int? = nil) {
        for (slot, client) in (rooms[code]?.seats ?? [:]).sorted(by: { $0.key < $1.key }) where slot != excluded {
            say(text, to: client)
        }
    }

    private func code(_ number: UInt64) -> String {
        let digits = Array("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
        var rest = Int(number)
        var text = ""
        for _ in 0..<6 {
            text = String(digits[rest % 58]) + text
            rest /= 58
        }
        return text
    }

    private func hexadecimal(_ first: Int, _ second: Int) -> String {
        [first, second].map { number in
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func end(_ url: String?) -> String { url.map { #","url":"\#($0)"}"# } ?? "}" }
}
