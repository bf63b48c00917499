/// What has been read of many connections with one call, until each has its turn.
///
/// Each has a little space of its own; who sends more at once is read by itself.
@safe struct ReceiveBatch: ~Copyable {
    /// Connections at once. More in one call gain little.
    static let places = 32
    static let bytesEach = 2_048

    /// What was read of one of them.
    @safe struct Arrival {
        let outcome: Socket.ReadOutcome
        /// The bytes are at its beginning, and stay until others are read ahead.
        let space: UnsafeMutableRawBufferPointer
    }

    private let buffer: UnsafeMutableRawBufferPointer
    private var outcomes = [Socket.ReadOutcome?](repeating: nil, count: ReceiveBatch.places)
    /// The places in a ring's batch, in its order.
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

    /// Takes over what the reads of a batch have come to; of one that was not submitted nothing has been read.
    mutating func collect(from ring: borrowing SocketRing) {
        for position in underWay.indices { outcomes[underWay[position]] = ring.readOutcome(of: position) }
        underWay.removeAll(keepingCapacity: true)
    }

    /// Hands out what has been read, once; nil if nothing has, or if it has to be asked again.
    mutating func take(_ place: Int) -> Arrival? {
        guard let outcome = outcomes[place] else { return nil }
        outcomes[place] = nil
        return unsafe Arrival(outcome: outcome, space: space(of: place))
    }
}
