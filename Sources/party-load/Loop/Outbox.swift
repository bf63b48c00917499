/// The bytes that one client has to send: frames of its own, and the repeated frame as often as its traffic wants.
///
/// A repeated frame that was begun is finished before another frame comes between.
struct Outbox {
    /// The upgrade request, `create` or `join`, pongs, the close.
    private var control: [UInt8] = []
    private var controlSent = 0
    /// Bytes of repeated frames that are still to be sent.
    private var trafficLeft = 0
    /// How many bytes of the first of these frames have been sent.
    private var trafficOffset = 0
    /// Whether the kernel took less than it was given, and has to report when it takes more.
    private(set) var isBlocked = false

    /// Adds bytes that go out before the traffic that has not begun.
    mutating func append(_ bytes: [UInt8]) {
        control.append(contentsOf: bytes)
    }

    /// Adds the repeated frame so many times.
    @inline(__always)
    mutating func add(_ count: Int, of frame: RepeatedFrame) {
        trafficLeft += count * frame.frameLength
    }

    /// Sends until nothing is left or the kernel takes no more.
    ///
    /// - Parameter write: passes bytes to the kernel, and tells how many it took.
    /// - Returns: false if the connection is broken.
    @inline(__always)
    mutating func send(repeating frame: RepeatedFrame, _ write: (Span<UInt8>) -> ClientSocket.Transfer) -> Bool {
        while true {
            let transfer: ClientSocket.Transfer
            let isControl = !control.isEmpty && trafficOffset == 0
            if isControl {
                transfer = write(control.span.extracting(controlSent...))
            } else if trafficLeft > 0 {
                transfer = write(frame.bytes.span.extracting(nextTraffic(frame)))
            } else {
                isBlocked = false
                return true
            }
            switch transfer {
            case .bytes(let count) where isControl: controlTaken(count)
            case .bytes(let count): trafficTaken(count, frame)
            case .wouldBlock:
                isBlocked = true
                return true
            case .ended: return false
            }
        }
    }

    /// The part of the block that may be sent at once: up to the end of a frame where another frame waits.
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

    /// Drops all that belongs to one connection, and keeps the memory for the next.
    mutating func reset() {
        control.removeAll(keepingCapacity: true)
        (controlSent, trafficLeft, trafficOffset) = (0, 0, 0)
        isBlocked = false
    }
}
