internal import RelayCore
internal import RelayWire

extension RelayLoop {
    /// A frame buffer that grew beyond this does not keep its memory.
    private static let largestKeptFrame = 256 << 10

    /// Sends a text message to one connection.
    func send(to connection: Connection, on loop: SocketLoop, _ append: (inout [UInt8]) -> Void) {
        let start = build(append)
        unsafe frame.withUnsafeBytes { bytes in
            unsafe loop.send(UnsafeRawBufferPointer(rebasing: bytes[start...]), to: connection)
        }
        counters.deliveries.add(1)
        shrinkFrame()
    }

    /// Sends a text message to everybody in a room but one. Its frame is built once.
    @inline(__always)
    func send(
        toAllIn room: LiveRoom, but excluded: Slot?, on loop: SocketLoop, _ append: (inout [UInt8]) -> Void
    ) {
        let start = build(append)
        var receivers = 0
        unsafe frame.withUnsafeBytes { bytes in
            let whole = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
            for seat in room.state.seats where seat.slot != excluded {
                unsafe seat.member.send(whole, on: loop)
                receivers += 1
            }
        }
        counters.deliveries.add(receivers)
        shrinkFrame()
    }

    /// - Returns: where the frame starts in `frame`.
    @inline(__always)
    private func build(_ append: (inout [UInt8]) -> Void) -> Int {
        frame.removeAll(keepingCapacity: true)
        frame.append(contentsOf: repeatElement(0, count: FrameWriter.maximumHeaderLength))
        append(&frame)
        return FrameWriter.prependHeader(.text, to: &frame)
    }

    private func shrinkFrame() {
        if frame.capacity > RelayLoop.largestKeptFrame { frame = [] }
    }
}
