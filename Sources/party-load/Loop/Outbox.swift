/// The bytes that one client has to send: single frames, and copies of the repeated frame of its traffic.
///
/// Single frames go first, but never in the middle of a repeated frame.
struct Outbox {
    /// The upgrade request and single frames: `create` or `join`, pongs, the close.
    private var control: [UInt8] = []
    private var controlSent = 0
    /// Bytes of repeated frames left to send.
    private var trafficLeft = 0
    /// Bytes already sent of the first of these frames.
    private var trafficOffset = 0
    /// True if the kernel's send buffer is full, so that the loop has to wait until the socket is writable.
    private(set) var isBlocked = false

    /// The result of sending.
    enum Outcome: Hashable, Sendable {
        /// The send buffer is as full or as free as before.
        case unchanged
        /// The send buffer has become full: wait until the socket is writable.
        case blocked
        /// The send buffer has space again, and everything is sent.
        case unblocked
        /// The connection has failed.
        case failed
    }

    /// Adds bytes that go out before the next repeated frame.
    mutating func append(_ bytes: [UInt8]) {
        control.append(contentsOf: bytes)
    }

    /// Adds `count` copies of the repeated frame.
    @inline(__always)
    mutating func add(_ count: Int, of frame: RepeatedFrame) {
        trafficLeft += count * frame.frameLength
    }

    /// Sends until nothing is left or the kernel takes no more.
    ///
    /// - Parameter write: passes bytes to the kernel, and returns the number it took.
    @inline(__always)
    mutating func send(repeating frame: RepeatedFrame, _ write: (Span<UInt8>) -> ClientSocket.Transfer) -> Outcome {
        while true {
            let transfer: ClientSocket.Transfer
            let isControl = !control.isEmpty && trafficOffset == 0
            if isControl {
                transfer = write(control.span.extracting(controlSent...))
            } else if trafficLeft > 0 {
                transfer = write(frame.bytes.span.extracting(nextTraffic(frame)))
            } else {
                return block(false)
            }
            switch transfer {
            case .bytes(let count) where isControl: controlTaken(count)
            case .bytes(let count): trafficTaken(count, frame)
            case .wouldBlock: return block(true)
            case .ended: return .failed
            }
        }
    }

    @inline(__always)
    private mutating func block(_ blocks: Bool) -> Outcome {
        guard blocks != isBlocked else { return .unchanged }
        isBlocked = blocks
        return blocks ? .blocked : .unblocked
    }

    /// The range of the block to send next: no more than the current frame if a single frame is waiting.
    @inline(__always)
    private func nextTraffic(_ frame: RepeatedFrame) -> Range<Int> {
        let end = control.isEmpty ? frame.bytes.count : frame.frameLength
        return trafficOffset..<min(end, trafficOffset + trafficLeft)
    }

    private mutating func controlTaken(_ count: Int) {
        controlSent += count
        guard controlSent == control.count else { return }
        control.removeAll(keepingCapacity: true)
        controlSent = 0
    }

    @inline(__always)
    private mutating func trafficTaken(_ count: Int, _ frame: RepeatedFrame) {
        trafficLeft -= count
        trafficOffset = (trafficOffset + count) % frame.frameLength
    }

    /// Drops everything for a new connection, but keeps the memory.
    mutating func reset() {
        control.removeAll(keepingCapacity: true)
        (controlSent, trafficLeft, trafficOffset) = (0, 0, 0)
        isBlocked = false
    }
}
