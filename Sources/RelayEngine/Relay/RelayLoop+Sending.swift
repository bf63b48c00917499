internal import RelayCore
internal import RelayWire

extension RelayLoop {
    /// A frame buffer that has grown beyond this is freed after use: a snapshot is the longest of what is usual.
    private static let largestKeptFrame = 2 * ClientMessage.maximumStateBytesSent

    /// Sends a text message to one connection.
    func send(to connection: RelayConnection, on loop: Loop, _ append: (inout [UInt8]) -> Void) {
        send(to: SeatedConnection(connection), on: loop, append)
    }

    /// Sends a text message to one member.
    func send(to member: SeatedConnection, on loop: Loop, _ append: (inout [UInt8]) -> Void) {
        unsafe withFrame(append) { unsafe deliver($0, to: member, on: loop) }
    }

    /// Sends a frame to one member.
    @inline(__always)
    func deliver(_ frame: UnsafeRawBufferPointer, to member: SeatedConnection, on loop: Loop) {
        if frame.count < TransportSettings.sharedBytes {
            unsafe member.send(frame, on: loop)
        } else {
            var large = unsafe LargeFrame(frame)
            member.send(&large, on: loop)
        }
        counters.deliveries.add(1)
    }

    /// Sends a text message to a client that may be in no room: of any length, and yet not shared. It may move to another
    /// loop with its output, and a shared frame stays on its own.
    func sendCopied(to connection: RelayConnection, on loop: Loop, _ append: (inout [UInt8]) -> Void) {
        unsafe withFrame(append) { frame in unsafe SeatedConnection(connection).send(frame, on: loop) }
        counters.deliveries.add(1)
    }

    /// Sends a text message to all members of a room but one. Its frame is built once.
    func send(
        toAllIn room: LiveRoom, but excluded: Slot?, on loop: Loop, _ append: (inout [UInt8]) -> Void
    ) {
        unsafe withFrame(append) { unsafe deliver($0, toAllIn: room, but: excluded, on: loop) }
    }

    /// Sends a frame to all members of a room but one.
    @inline(__always)
    func deliver(_ frame: UnsafeRawBufferPointer, toAllIn room: LiveRoom, but excluded: Slot?, on loop: Loop) {
        var receivers = 0
        if frame.count < TransportSettings.sharedBytes {
            // By index: an iterator would retain the array, and count a reference for each message.
            for place in room.state.seats.indices {
                let seat = room.state.seats[place]
                guard seat.slot != excluded else { continue }
                unsafe seat.member.send(frame, on: loop)
                receivers &+= 1
            }
        } else {
            receivers = unsafe sendLarge(frame, toAllIn: room, but: excluded, on: loop)
        }
        counters.deliveries.add(receivers)
    }

    /// Sends a text message to the members of a room that `isReceiver` chooses, by the place of their seats. For what
    /// happens rarely.
    func send(
        toAllIn room: LiveRoom, on loop: Loop, where isReceiver: (Int, Room<SeatedConnection>.Seat) -> Bool,
        _ append: (inout [UInt8]) -> Void
    ) {
        unsafe withFrame(append) { unsafe deliver($0, toAllIn: room, on: loop, where: isReceiver) }
    }

    /// Sends a frame to the members of a room that `isReceiver` chooses.
    func deliver(
        _ frame: UnsafeRawBufferPointer, toAllIn room: LiveRoom, on loop: Loop,
        where isReceiver: (Int, Room<SeatedConnection>.Seat) -> Bool
    ) {
        var receivers = 0
        var large = unsafe LargeFrame(frame)
        for (place, seat) in room.state.seats.enumerated() where isReceiver(place, seat) {
            if frame.count < TransportSettings.sharedBytes {
                unsafe seat.member.send(frame, on: loop)
            } else {
                seat.member.send(&large, on: loop)
            }
            receivers += 1
        }
        counters.deliveries.add(receivers)
    }

    /// Tells the members of a room but one of something that those who understand more hear more about.
    ///
    /// - Parameter append: is told for which of the two it builds the frame.
    func tell(
        _ room: LiveRoom, but excluded: Slot?, on loop: Loop, _ append: (inout [UInt8], Bool) -> Void
    ) {
        for asksForMore in [false, true] {
            send(
                toAllIn: room, on: loop,
                where: { _, seat in seat.slot != excluded && seat.member.asksForMore == asksForMore }
            ) { append(&$0, asksForMore) }
        }
    }

    /// Tells the members of a room but one of something that only those who understand more hear about.
    func send(
        toThoseWhoAskedIn room: LiveRoom, but excluded: Slot, on loop: Loop, _ append: (inout [UInt8]) -> Void
    ) {
        send(
            toAllIn: room, on: loop, where: { _, seat in seat.slot != excluded && seat.member.asksForMore }, append)
    }

    /// Sends a room's snapshot to one member.
    func sendState(_ data: Span<UInt8>, to connection: RelayConnection, on loop: Loop) {
        var isAdded = false
        unsafe withFrame {
            ServerMessage.appendState(to: &$0, data: data)
        } _: { frame in
            var state = unsafe LargeFrame(frame)
            isAdded = SeatedConnection(connection).sendState(&state, on: loop)
        }
        if isAdded { counters.deliveries.add(1) }
    }

    /// Sends a room's snapshot to all members but one. To a slow reader that asked for it, an older one that has not begun
    /// to leave is not sent.
    func sendState(_ data: Span<UInt8>, toAllIn room: LiveRoom, but excluded: Slot?, on loop: Loop) {
        var added = 0
        unsafe withFrame {
            ServerMessage.appendState(to: &$0, data: data)
        } _: { frame in
            var state = unsafe LargeFrame(frame)
            for place in room.state.seats.indices {
                let seat = room.state.seats[place]
                guard seat.slot != excluded else { continue }
                if seat.member.sendState(&state, on: loop) { added += 1 }
            }
        }
        counters.deliveries.add(added)
    }

    /// - Returns: the number of receivers.
    private func sendLarge(
        _ frame: UnsafeRawBufferPointer, toAllIn room: LiveRoom, but excluded: Slot?, on loop: Loop
    ) -> Int {
        var large = unsafe LargeFrame(frame)
        var receivers = 0
        for seat in room.state.seats where seat.slot != excluded {
            seat.member.send(&large, on: loop)
            receivers += 1
        }
        return receivers
    }

    /// Builds a frame, and lends it to `use`.
    ///
    /// Meanwhile the buffer is a local value: nothing else can refer to it, so no references to it are counted.
    @inline(__always)
    private func withFrame(_ append: (inout [UInt8]) -> Void, _ use: (UnsafeRawBufferPointer) -> Void) {
        var bytes: [UInt8] = []
        swap(&bytes, &frame)
        if bytes.isEmpty {
            bytes.append(contentsOf: repeatElement(0, count: FrameWriter.maximumHeaderLength))
        } else {
            bytes.removeLast(bytes.count - FrameWriter.maximumHeaderLength)
        }
        append(&bytes)
        let start = FrameWriter.prependHeader(.text, to: &bytes)
        unsafe bytes.withUnsafeBytes { unsafe use(UnsafeRawBufferPointer(rebasing: $0[start...])) }
        if bytes.capacity <= RelayLoop.largestKeptFrame { swap(&bytes, &frame) }
    }
}
