internal import RelayWire

extension Connection {
    /// Space for a read behind the frame that has arrived in part: for no more than the rest of it, if there is not more
    /// memory already.
    var spaceBehindInput: UnsafeMutableRawBufferPointer {
        let expected = unsafe expectedInput(from: UnsafeRawBufferPointer(input.bytes))
        return unsafe input.space(atLeast: TransportSettings.readBytes / 4, expecting: expected)
    }

    /// Keeps a copy of what has been read and not handled.
    func keep(_ rest: UnsafeRawBufferPointer) {
        unsafe input.replace(with: rest, expecting: expectedInput(from: rest))
    }

    /// The length of the frame that these bytes begin, as its header announces it; `Int.max` if that is not known.
    private func expectedInput(from bytes: UnsafeRawBufferPointer) -> Int {
        guard phase == .webSocket else { return .max }
        return unsafe (try? FrameHeader(Span<UInt8>(_unsafeBytes: bytes), at: 0))?.frameLength ?? .max
    }
}
