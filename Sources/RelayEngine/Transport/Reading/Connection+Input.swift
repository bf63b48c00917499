internal import RelayWire

extension Connection {
    /// Space for a read behind the frame that has arrived in part: for no more than the rest of it, if there is not more
    /// memory already.
    var spaceBehindInput: UnsafeMutableRawBufferPointer {
        unsafe input.space(atLeast: TransportSettings.readBytes / 4, expecting: expectedInput)
    }

    /// The length of the frame that is arriving, as its header announces it; `Int.max` if that is not known.
    private var expectedInput: Int {
        guard phase == .webSocket else { return .max }
        let bytes = unsafe Span<UInt8>(_unsafeBytes: UnsafeRawBufferPointer(input.bytes))
        return (try? FrameHeader(bytes, at: 0))?.frameLength ?? .max
    }
}
