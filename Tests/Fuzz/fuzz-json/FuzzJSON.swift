internal import RelayCore

// For any input of a client: nothing traps, the scanner's verdict is right, and the data that would be relayed is valid
// by itself.
//
//   FUZZ=1 swift build -c release --sanitize fuzzer --product fuzz-json
//   SWIFT_BACKTRACE=enable=no .build/release/fuzz-json -dict=Tests/Fuzz/fuzz-json.dict
//
// Swift's own backtraces must be off, or they end the process before the fuzzer has saved the input.

@_cdecl("LLVMFuzzerTestOneInput")
func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // The fuzzer owns the bytes during the call; the copy outlives it.
    let text = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let isAccepted = scannerAccepts(text)
    precondition(
        FoundationOracle.confirms(isAccepted, on: text, scannerAccepts: scannerAccepts),
        "a verdict that nothing explains: \(isAccepted)")
    checkMessage(text, isJSON: isAccepted)
    return 0
}

private func scannerAccepts(_ text: [UInt8]) -> Bool {
    (try? JSONScanner.scan(text.span)) != nil
}

private func checkMessage(_ text: [UInt8], isJSON: Bool) {
    let message: ClientMessage
    do {
        message = try ClientMessage.parse(text.span)
    } catch {
        precondition(isJSON == (error == .unknownMessageType), "the two ways through the scanner disagree")
        return
    }
    precondition(isJSON, "a message that is no JSON")
    let fields = [message.clientID, message.maxClients, message.url, message.room, message.data, message.to]
    for case .some(let field) in fields {
        let bytes = Array(text[field.range])
        let alone = try? JSONScanner.scan(bytes.span)
        precondition(alone == JSONValue(kind: field.kind, range: bytes.indices), "a field that is no value by itself")
    }
    let limits = MessageLimits(maxClientsPerRoom: 10, maxClientIDBytes: 32)
    if let request = try? message.createRequest(in: text.span, limits: limits) {
        precondition(1...10 ~= request.maxClients && 1...32 ~= request.clientID.bytes.count, "a limit that is none")
        if let room = RoomCode("111111") { _ = try? request.url?.filled(room: room, instance: nil) }
    }
    _ = try? message.joinRequest(in: text.span, limits: limits)
    _ = try? message.recipient(in: text.span)
    _ = try? message.stateData(in: text.span)
}
