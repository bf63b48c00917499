/// The buffer into which a loop reads all its sockets, one after the other.
///
/// Its first bytes are headroom for the incomplete frame that the last read from the same socket ended with.
@safe struct ReadBuffer: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer

    static let headroom = 20_480
    private static let readBytes = 262_144

    init() {
        unsafe memory = .allocate(byteCount: ReadBuffer.headroom + ReadBuffer.readBytes, alignment: 16)
    }

    deinit {
        unsafe memory.deallocate()
    }

    /// Calls `read` once with the memory behind the headroom.
    @inline(__always)
    func receive(_ read: (UnsafeMutableRawBufferPointer) -> ClientSocket.Transfer) -> ClientSocket.Transfer {
        unsafe read(UnsafeMutableRawBufferPointer(rebasing: memory[ReadBuffer.headroom...]))
    }

    /// Copies the rest of an earlier read directly in front of the bytes just received.
    ///
    /// - Returns: the offset at which the rest starts.
    @inline(__always)
    func prepend(_ rest: [UInt8]) -> Int {
        precondition(rest.count <= ReadBuffer.headroom, "a rest fits into the headroom")
        let start = ReadBuffer.headroom - rest.count
        if !rest.isEmpty {
            unsafe rest.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: $0)
            }
        }
        return start
    }

    /// Lends the bytes from an offset in the headroom to the end of those just received.
    @inline(__always)
    func withBytes(from start: Int, received count: Int, _ body: (Span<UInt8>) -> Void) {
        // Nothing writes to the buffer while the span exists: the next read comes with the next call.
        let bytes = unsafe Span<UInt8>(
            _unsafeBytes: UnsafeRawBufferPointer(rebasing: memory[start..<ReadBuffer.headroom + count]))
        body(bytes)
    }
}
