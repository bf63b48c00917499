internal import CLinux
internal import Glibc

/// The pieces of output that one call offers to the kernel, in their order: shared frames, and what is between them.
@safe struct SendPieces: ~Copyable {
    /// The most pieces of one call.
    static let capacity = 64

    private let list: UnsafeMutablePointer<iovec>
    private(set) var count = 0
    private(set) var byteCount = 0

    init() {
        unsafe list = .allocate(capacity: SendPieces.capacity)
    }

    deinit {
        unsafe list.deallocate()
    }

    var isFull: Bool { count == SendPieces.capacity || byteCount == TransportSettings.mostBytesPerSend }

    /// Adds a piece, or as much of it as one call offers; its bytes must stay in place until they are sent.
    mutating func append(_ piece: Slice<UnsafeRawBufferPointer>) {
        let length = unsafe min(piece.count, TransportSettings.mostBytesPerSend - byteCount)
        guard length > 0, count < SendPieces.capacity else { return }
        let bytes = unsafe UnsafeRawBufferPointer(rebasing: piece)
        unsafe list[count] = iovec(
            iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: length)
        count += 1
        byteCount += length
    }

    mutating func removeAll() {
        (count, byteCount) = (0, 0)
    }

    /// Offers all of them to the kernel.
    func send(to socket: Int32) -> Socket.WriteOutcome {
        // The call for one piece takes less time.
        if count == 1 {
            return unsafe Socket.write(socket, UnsafeRawBufferPointer(start: list[0].iov_base, count: list[0].iov_len))
        }
        return unsafe Socket.write(socket, UnsafeMutableBufferPointer(start: list, count: count))
    }
}
