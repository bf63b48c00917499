/// The memory into which a loop reads all its sockets, one after the other.
///
/// In front of it there is room for the start of a frame that the last read from the same socket ended with.
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

    /// Reads once.
    ///
    /// - Parameter read: writes to the memory that it is given, and tells how much.
    @inline(__always)
    func receive(_ read: (UnsafeMutableRawBufferPointer) -> ClientSocket.Transfer) -> ClientSocket.Transfer {
        unsafe read(UnsafeMutableRawBufferPointer(rebasing: memory[ReadBuffer.headroom...]))
    }

    /// Copies what the last read from the same socket left over to where it ends before the bytes just received.
    ///
    /// - Returns: where it starts.
    @inline(__always)
    func prepend(_ rest: [UInt8]) -> Int {
        precondition(rest.count <= ReadBuffer.headroom, "what is left over fits before what is read")
        let start = ReadBuffer.headroom - rest.count
        if !rest.isEmpty {
            unsafe rest.withUnsafeBytes {
                unsafe UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: $0)
            }
        }
        return start
    }

    /// Hands over the bytes from a place in front of those just received to their end.
    @inline(__always)
    func withBytes(from start: Int, received count: Int, _ body: (Span<UInt8>) -> Void) {
        // The buffer is not written to before the span is gone: the next read comes with the next call.
        let bytes = unsafe Span<UInt8>(
            _unsafeBytes: UnsafeRawBufferPointer(rebasing: memory[start..<ReadBuffer.headroom + count]))
        body(bytes)
    }
}
