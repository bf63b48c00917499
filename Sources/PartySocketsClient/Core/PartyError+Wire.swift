extension PartyError {
    /// A connection that has ended.
    init(_ close: CloseCode, reason: String = "") {
        let said = reason.isEmpty ? "" : " “\(reason.prefix(123))”"
        let message =
            switch close.reason {
            case .replaced: "The seat is taken by another connection"
            case .roomClosed: "The room is closed"
            case .kicked: "The host has removed this client"
            default: close.number.map { "The connection was closed with \($0)\(said)" } ?? "The connection was lost"
            }
        self.init(close.reason, message, closeCode: close.number)
    }

    /// An upgrade that was refused with this HTTP status.
    init(status: Int, retryAfter: Duration?) {
        let code: Code =
            switch status {
            case 403: .notAllowed
            case 404: .roomNotFound
            case 429: .tooManyAttempts
            // A replay that no proxy has carried out, and whatever passes by itself.
            case 408, 409, 425, 500...: .unreachable
            default: .noRelay
            }
        self.init(code, "The upgrade got status \(status)", retryAfter: retryAfter)
    }

    /// An `error` of the relay; the codes of one that sends none follow from its texts.
    init(message: String, code: String?, retryAfter: Duration?) {
        self.init(code.map { Code(rawValue: $0) } ?? Code(text: message), message, retryAfter: retryAfter)
    }
}

extension PartyError.Code {
    /// The code of an error's text: mostly its words, as in `Room not found`.
    init(text: String) {
        switch text {
        case "Target peer not found": self = .targetNotFound
        case "Only the host can close the room": self = .onlyHostCanClose
        case "url must be a string": self.init(rawValue: "url_not_a_string")
        case "url must not contain spaces or control characters": self.init(rawValue: "url_has_spaces")
        case "url has an unmatched placeholder brace": self.init(rawValue: "unmatched_url_brace")
        case "url is not a valid URL": self.init(rawValue: "url_invalid")
        case "url must be an https URL": self.init(rawValue: "url_not_https")
        case "Ticket is not valid": self = .ticketInvalid
        case _ where text.contains(" must be "):
            let field = text.prefix { $0 != " " }
            self.init(rawValue: Self.words(of: String(field)).joined(separator: "_") + "_invalid")
        default: self.init(rawValue: Self.words(of: text).joined(separator: "_"))
        }
    }

    /// The words without small ones, in lower case: `clientId is required` is client, id, required. What stands in
    /// braces or behind a colon is not the relay's own.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var last: Character = " "
        for character in text.prefix(while: { $0 != "{" && $0 != ":" }) {
            if character.isLetter {
                let begins = !last.isLetter || (last.isLowercase && character.isUppercase)
                if begins { words.append("") }
                words[words.count - 1] += character.lowercased()
            }
            last = character
        }
        return words.filter { !["is", "a", "an", "the"].contains($0) }
    }
}
