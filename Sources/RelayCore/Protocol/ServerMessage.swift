/// Every message that the relay sends, as exact JSON text; only `data` is the sender's.
package enum ServerMessage {
    /// The answer to `create`; its sender sits in slot 0.
    package static func appendCreated(
        to bytes: inout [UInt8], room: RoomCode, instance: InstanceID?, region: String, url: String?
    ) {
        bytes.append(text: #"{"type":"created","room":""#)
        room.append(to: &bytes)
        bytes.append(text: #"","instance":"#)
        JSONText.appendString(instance?.text ?? "", to: &bytes)
        bytes.append(text: #","region":"#)
        JSONText.appendString(region, to: &bytes)
        bytes.append(text: #","index":0"#)
        appendEnd(url: url, to: &bytes)
    }

    /// The answer to `join`.
    ///
    /// - Parameter peers: the other connected slots, ascending.
    @inlinable
    package static func appendJoined(
        to bytes: inout [UInt8], room: RoomCode, slot: Slot, peers: some Sequence<Slot>, url: String?
    ) {
        bytes.append(text: #"{"type":"joined","room":""#)
        room.append(to: &bytes)
        bytes.append(text: #"","index":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        bytes.append(text: #","peers":["#)
        var isFirst = true
        for peer in peers {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            JSONText.appendInteger(peer.index, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        appendEnd(url: url, to: &bytes)
    }

    /// The room's snapshot: sent right after `joined`, and to the others after each `set_state`.
    package static func appendState(to bytes: inout [UInt8], data: Span<UInt8>) {
        bytes.append(text: #"{"type":"state","data":"#)
        append(data, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    package static func appendPeerJoined(to bytes: inout [UInt8], slot: Slot) {
        bytes.append(text: #"{"type":"peer_joined","index":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    package static func appendPeerLeft(to bytes: inout [UInt8], slot: Slot) {
        bytes.append(text: #"{"type":"peer_left","index":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    /// The room goes on elsewhere: its members, closed right after this, are to come back at once.
    package static func appendMoved(to bytes: inout [UInt8]) {
        bytes.append(text: #"{"type":"moved"}"#)
    }

    /// A relayed `send`.
    ///
    /// - Parameter data: the sender's own bytes, or nil if it sent none.
    package static func appendMessage(to bytes: inout [UInt8], from slot: Slot, data: Span<UInt8>?) {
        bytes.append(text: #"{"type":"message","from":"#)
        JSONText.appendInteger(slot.index, to: &bytes)
        if let data {
            bytes.append(text: #","data":"#)
            append(data, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    package static func appendError(to bytes: inout [UInt8], _ error: RelayError) {
        bytes.append(text: #"{"type":"error","message":"#)
        JSONText.appendString(error.message, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    @usableFromInline
    static func appendEnd(url: String?, to bytes: inout [UInt8]) {
        if let url {
            bytes.append(text: #","url":"#)
            JSONText.appendString(url, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func append(_ data: Span<UInt8>, to bytes: inout [UInt8]) {
        // One bulk copy: an array cannot append a span yet. The pointer does not leave the closure.
        unsafe data.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
}
