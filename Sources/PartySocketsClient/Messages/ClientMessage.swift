/// A message to the relay, as its JSON text.
struct ClientMessage: Hashable, Sendable {
    let text: [UInt8]

    private init(_ text: String) {
        self.text = Array(text.utf8)
    }

    private init(_ head: String, data: RawJSON) {
        text = Array(head.utf8) + data.bytes + Array("}".utf8)
    }

    /// Asks for the protocol's additions, which an older relay does not mind.
    static func create(_ room: RoomOptions.NewRoom, as id: ClientID) -> ClientMessage {
        var text = #"{"type":"create","v":3,"clientId":\#(quoted(id.secret)),"maxClients":\#(room.maxClients)"#
        if let url = room.controllerURL { text += #","url":\#(quoted(url))"# }
        if let hold = room.hold { text += #","hold":\#(hold.inSeconds)"# }
        return ClientMessage(text + "}")
    }

    static func join(_ code: String, as id: ClientID, ticket: String?) -> ClientMessage {
        let field = ticket.map { #","ticket":\#(quoted($0))"# } ?? ""
        return ClientMessage(
            #"{"type":"join","v":3,"clientId":\#(quoted(id.secret)),"room":\#(quoted(code))\#(field)}"#)
    }

    static func send(_ data: RawJSON, to recipients: Recipients) -> ClientMessage {
        let field =
            switch recipients {
            case .others: ""
            case .one(let index): #""to":\#(index),"#
            case .these(let indices): #""to":[\#(indices.map(String.init).joined(separator: ","))],"#
            }
        return ClientMessage(#"{"type":"send",\#(field)"data":"#, data: data)
    }

    static func state(_ data: RawJSON) -> ClientMessage {
        ClientMessage(#"{"type":"set_state","data":"#, data: data)
    }

    static func kick(_ index: Int, ban: Bool) -> ClientMessage {
        ClientMessage(#"{"type":"kick","index":\#(index)\#(ban ? #","ban":true"# : "")}"#)
    }

    static func lock(_ isLocked: Bool) -> ClientMessage { ClientMessage(#"{"type":"lock","locked":\#(isLocked)}"#) }

    static func ticket(_ index: Int) -> ClientMessage { ClientMessage(#"{"type":"ticket","index":\#(index)}"#) }

    static func ping(_ number: Int) -> ClientMessage { ClientMessage(#"{"type":"ping","t":\#(number)}"#) }

    static let leave = ClientMessage(#"{"type":"leave"}"#)

    static let closeRoom = ClientMessage(#"{"type":"close_room"}"#)

    /// A string as JSON.
    static func quoted(_ string: String) -> String {
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case "\u{8}": text += "\\b"
            case "\t": text += "\\t"
            case "\n": text += "\\n"
            case "\u{C}": text += "\\f"
            case "\r": text += "\\r"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

extension Duration {
    /// Seconds as the protocol writes them.
    var inSeconds: Double { self / .seconds(1) }
}
