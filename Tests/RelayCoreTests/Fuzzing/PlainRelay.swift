import RelayCore

/// The relay's contract again, in the plainest way that comes to mind: look everything up, sort when asked, and write
/// each answer out.
struct PlainRelay {
    private struct PlainRoom {
        let maxClients: Int
        let url: String?
        /// Whether places are kept for those who are lost.
        let holds: Bool
        var clientIDs: [String]
        /// Slots whose places are kept.
        var held: Set<Int> = []
        /// The client in each connected slot.
        var seats: [Int: Int]
        var state: [UInt8]?
    }

    private struct Refusal: Error {
        let text: String
    }

    private var rooms: [String: PlainRoom] = [:]
    private var places: [Int: (code: String, slot: Int)] = [:]
    private var created: UInt64 = 0
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
        default: throw Refusal(text: "Unknown message type")
        }
    }

    private mutating func leave(_ client: Int, isLost: Bool) {
        guard let place = places.removeValue(forKey: client) else { return }
        rooms[place.code]?.seats[place.slot] = nil
        if isLost, rooms[place.code]?.holds == true { rooms[place.code]?.held.insert(place.slot) }
        if !isLost, rooms[place.code]?.seats.isEmpty == true { rooms[place.code] = nil }
        say(#"{"type":"peer_left","index":\#(place.slot)}"#, toAllIn: place.code)
    }

    private func place(of client: Int) throws(Refusal) -> (code: String, slot: Int) {
        guard let place = places[client] else { throw Refusal(text: "Not in a room") }
        return place
    }

    private func clientID(of message: PlainMessage?) throws(Refusal) -> String {
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
            maxClients: min(size, 10), url: url, holds: (seconds ?? 0) > 0, clientIDs: [id], seats: [0: client],
            state: nil)
        places[client] = (code, 0)
        say(#"{"type":"created","room":"\#(code)","instance":"","region":"","index":0\#(end(url))"#, to: client)
    }

    private mutating func join(_ message: PlainMessage?, with client: Int) throws(Refusal) {
        if places[client] != nil { throw Refusal(text: "Already in a room") }
        let id = try clientID(of: message)
        guard let code = message?.string("room"), !code.isEmpty else { throw Refusal(text: "room is required") }
        guard var room = rooms[code] else { throw Refusal(text: "Room not found") }
        // Bytes and not characters: Unicode has two ways to write some.
        let known = room.clientIDs.firstIndex { Array($0.utf8) == Array(id.utf8) }
        if room.seats.isEmpty, known == nil { throw Refusal(text: "Room not found") }
        let slot = known ?? room.clientIDs.count
        if let old = room.seats[slot] {
            places[old] = nil
            sayings.append(RelayScript.Saying(client: old, text: "replaced"))
        } else {
            room.held.remove(slot)
            if room.seats.count + room.held.count >= room.maxClients { throw Refusal(text: "Room is full") }
            say(#"{"type":"peer_joined","index":\#(slot)}"#, toAllIn: code)
        }
        if known == nil { room.clientIDs.append(id) }
        room.seats[slot] = client
        rooms[code] = room
        places[client] = (code, slot)
        let peers = room.seats.keys.filter { $0 != slot }.sorted().map(String.init).joined(separator: ",")
        say(#"{"type":"joined","room":"\#(code)","index":\#(slot),"peers":[\#(peers)]\#(end(room.url))"#, to: client)
        if let state = room.state { say(#"{"type":"state","data":\#(text(state))}"#, to: client) }
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

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func end(_ url: String?) -> String { url.map { #","url":"\#($0)"}"# } ?? "}" }
}
