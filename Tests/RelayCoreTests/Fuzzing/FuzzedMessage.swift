import RelayCore

/// For any input of a client: nothing traps, the scanner's verdict is right, and the data that would be relayed is valid
/// by itself.
enum FuzzedMessage {
    static func check(_ text: [UInt8]) throws(Disagreement) {
        let isAccepted = scannerAccepts(text)
        try Disagreement.unless(
            FoundationOracle.confirms(isAccepted, on: text, scannerAccepts: scannerAccepts),
            "a verdict that nothing explains: \(isAccepted)")
        try checkMessage(text, isJSON: isAccepted)
    }

    private static func scannerAccepts(_ text: [UInt8]) -> Bool {
        (try? JSONScanner.scan(text.span)) != nil
    }

    private static func checkMessage(_ text: [UInt8], isJSON: Bool) throws(Disagreement) {
        let message: ClientMessage
        do throws(RelayError) {
            message = try ClientMessage.parse(text.span)
        } catch {
            try Disagreement.unless(
                isJSON == (error == .unknownMessageType), "the two ways through the scanner disagree")
            return
        }
        try Disagreement.unless(isJSON, "a message that is no JSON")
        let details = message.details(in: text.span)
        let fields = [
            details.clientID, details.maxClients, details.url, details.room, message.data, message.to, details.index,
            details.ban, details.locked, details.ticket, details.echo, details.hold, details.version,
        ]
        for case .some(let field) in fields {
            let bytes = Array(text[field.range])
            let alone = try? JSONScanner.scan(bytes.span)
            try Disagreement.unless(
                alone == JSONValue(kind: field.kind, range: bytes.indices), "a field that is no value by itself")
        }
        let limits = MessageLimits(maxClientsPerRoom: 10, maxClientIDBytes: 32)
        if let request = try? details.createRequest(in: text.span, limits: limits) {
            try Disagreement.unless(
                1...10 ~= request.maxClients && 1...32 ~= request.clientID?.bytes.count ?? 1, "a limit that is none")
            if let room = RoomCode("111111") { _ = try? request.url?.filled(room: room, instance: nil) }
        }
        _ = try? details.joinRequest(in: text.span, limits: limits)
        _ = try? message.recipient(in: text.span)
        _ = try? message.stateData(in: text.span)
        _ = try? message.forEachRecipient(in: text.span) { _ in }
        _ = try? details.subject(in: text.span)
        _ = try? details.isBan(in: text.span)
        _ = try? details.wantsLock(in: text.span)
    }
}
