/// The input of many connections, read with one call and kept until each is handled.
///
/// Each has a small space of its own; a connection that sends more at once is read by itself.
@safe struct ReceiveBatch: ~Copyable {
    /// The most connections in one call; more gain little.
    static let places = 32
    static let bytesEach = 2_048

    /// The outcome of one connection's read.
    @safe struct Arrival {
        let outcome: Socket.ReadOutcome
        /// The space that begins with the bytes, which stay valid until the next batch.
        let space: UnsafeMutableRawBufferPointer
    }

    private let buffer: UnsafeMutableRawBufferPointer
    private var outcomes = [Socket.ReadOutcome?](repeating: nil, count: ReceiveBatch.places)
    /// The places whose reads are in the ring's batch, in its order.
    private var underWay: [Int] = []

    init() {
        unsafe buffer = .allocate(byteCount: ReceiveBatch.places * ReceiveBatch.bytesEach, alignment: 16)
        underWay.reserveCapacity(ReceiveBatch.places)
    }

    deinit {
        unsafe buffer.deallocate()
    }

    private func space(of place: Int) -> UnsafeMutableRawBufferPointer {
        let start = place * ReceiveBatch.bytesEach
        return unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + ReceiveBatch.bytesEach])
    }

    /// Adds a read to the ring's batch.
    mutating func add(_ place: Int, from socket: Int32, to ring: inout SocketRing) {
        unsafe ring.addReceive(into: space(of: place), from: socket)
        underWay.append(place)
    }

    /// Collects the outcomes of the batch's reads; none if it was not submitted.
    mutating func collect(from ring: borrowing SocketRing) {
        for position in underWay.indices { outcomes[underWay[position]] = ring.readOutcome(of: position) }
        underWay.removeAll(keepingCapacity: true)
    }

    /// Takes the outcome of a read; nil if there was none, or if the read must be repeated by itself.
    mutating func take(_ place: Int) -> Arrival? {
        guard let outcome = outcomes[place] else { return nil }
        outcomes[place] = nil
        return unsafe Arrival(outcome: outcome, space: space(of: place))
    }
}
