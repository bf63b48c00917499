/// Every message that the relay sends, as exact JSON text; only `data` is the sender's.
package enum ServerMessage {
    /// The answer to `create`; its sender sits in slot 0.
    ///
    /// - Parameter terms: nil for a client that understands no more than the original protocol.
    package static func appendCreated(
        to bytes: inout [UInt8], room: RoomCode, machine: MachineLabels, url: String?, terms: RoomTerms?
    ) {
        bytes.append(text: #"{"type":"created","room":""#)
        room.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        append(machine, to: &bytes)
        bytes.append(text: #","index":0"#)
        appendURL(url, to: &bytes)
        if let terms { append(terms, to: &bytes) }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The answer to `join`.
    ///
    /// - Parameters:
    ///   - peers: the other connected slots, ascending.
    ///   - more: nil for a client that understands no more than the original protocol.
    @inlinable
    package static func appendJoined(
        to bytes: inout [UInt8], room: RoomCode, slot: Slot, peers: [Slot], url: String?,
        more: JoinedDetails?
    ) {
        bytes.append(text: #"{"type":"joined","room":""#)
        room.append(to: &bytes)
        bytes.append(text: #"","index":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        bytes.append(text: #","peers":"#)
        appendList(of: peers, to: &bytes)
        appendURL(url, to: &bytes)
        if let more { append(more, to: &bytes) }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The room's snapshot: sent right after `joined`, and to the others after each `set_state`.
    package static func appendState(to bytes: inout [UInt8], data: Span<UInt8>) {
        bytes.append(text: #"{"type":"state","data":"#)
        append(data, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    /// - Parameter isBack: true if the slot was here before; said only to who understands it.
    package static func appendPeerJoined(to bytes: inout [UInt8], slot: Slot, isBack: Bool = false) {
        bytes.append(text: #"{"type":"peer_joined","index":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        if isBack { bytes.append(text: #","back":true"#) }
        bytes.append(UInt8(ascii: "}"))
    }

    /// - Parameters:
    ///   - reason: nil for a client that understands no more than the original protocol.
    ///   - isHeld: true if the place of the slot is kept; said only with a reason.
    package static func appendPeerLeft(
        to bytes: inout [UInt8], slot: Slot, reason: PeerLeftReason? = nil, isHeld: Bool = false
    ) {
        bytes.append(text: #"{"type":"peer_left","index":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        if let reason {
            bytes.append(text: #","reason":"#)
            JSONText.appendString(reason.rawValue, to: &bytes)
            if isHeld { bytes.append(text: #","held":true"#) }
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// A slot has another connection, of its own client or of the one that its ticket was for.
    package static func appendPeerReplaced(to bytes: inout [UInt8], slot: Slot) {
        bytes.append(text: #"{"type":"peer_replaced","index":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    /// The answer to `ping`.
    ///
    /// - Parameter echo: what the ping has as `t`, or nil if it has none.
    package static func appendPong(to bytes: inout [UInt8], echo: Span<UInt8>?) {
        bytes.append(text: #"{"type":"pong""#)
        if let echo {
            bytes.append(text: #","t":"#)
            append(echo, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The answer to `ticket`.
    package static func appendTicket(to bytes: inout [UInt8], _ ticket: Ticket, for slot: Slot) {
        bytes.append(text: #"{"type":"ticket","index":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        bytes.append(text: #","ticket":""#)
        bytes.append(contentsOf: ticket.bytes)
        bytes.append(text: #""}"#)
    }

    /// The room goes on elsewhere: its members, closed right after this, are to come back at once.
    package static func appendMoved(to bytes: inout [UInt8]) {
        bytes.append(text: #"{"type":"moved"}"#)
    }

    /// - Parameter retryAfter: seconds until it makes sense to try again; with `isCoded` alone.
    package static func appendError(
        to bytes: inout [UInt8], _ error: RelayError, isCoded: Bool = false, retryAfter: Int? = nil
    ) {
        bytes.append(text: #"{"type":"error","message":"#)
        JSONText.appendString(error.message, to: &bytes)
        if isCoded {
            bytes.append(text: #","code":"#)
            JSONText.appendString(error.kind.rawValue, to: &bytes)
            if let retryAfter {
                bytes.append(text: #","retryAfter":"#)
                JSONText.appendInteger(retryAfter, to: &bytes)
            }
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

// MARK: - Parts of messages

extension ServerMessage {
    @usableFromInline
    static func append(_ more: JoinedDetails, to bytes: inout [UInt8]) {
        append(more.machine, to: &bytes)
        append(more.terms, to: &bytes)
        bytes.append(text: #","away":"#)
        appendList(of: more.away, to: &bytes)
    }

    @usableFromInline
    static func appendList(of slots: [Slot], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for slot in slots {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendInteger(slot.index, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    @usableFromInline
    static func appendURL(_ url: String?, to bytes: inout [UInt8]) {
        guard let url else { return }
        bytes.append(text: #","url":"#)
        JSONText.appendString(url, to: &bytes)
    }

    private static func append(_ machine: MachineLabels, to bytes: inout [UInt8]) {
        bytes.append(text: #","instance":"#)
        JSONText.appendString(machine.instance?.text ?? "", to: &bytes)
        bytes.append(text: #","region":"#)
        JSONText.appendString(machine.region, to: &bytes)
    }

    private static func append(_ terms: RoomTerms, to bytes: inout [UInt8]) {
        bytes.append(text: #","maxClients":"#)
        JSONText.appendInteger(terms.maxClients, to: &bytes)
        bytes.append(text: #","hold":"#)
        JSONText.appendInteger(terms.holdSeconds, to: &bytes)
        if let drawn = terms.drawnID {
            // Hexadecimal digits, which need no escapes.
            bytes.append(text: #","clientId":""#)
            bytes.append(contentsOf: drawn.bytes)
            bytes.append(UInt8(ascii: "\""))
        }
    }

    private static func append(_ data: Span<UInt8>, to bytes: inout [UInt8]) {
        // One bulk copy: an array cannot append a span yet. The pointer does not leave the closure.
        unsafe data.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}
