internal import RelayLimits

/// The reading side of a loop: one buffer for single reads, a batch for many at once, and the connections whose input
/// waits for the next turn.
@safe struct Reader: ~Copyable {
    /// The rate at which one connection may send messages or requests.
    let rate: TokenRate
    /// The buffer for single reads. Idle connections hold no buffer of their own.
    private let buffer: UnsafeMutableRawBufferPointer
    private var batch = ReceiveBatch()
    private var deferred: [ConnectionKey] = []

    init(rate: TokenRate) {
        self.rate = rate
        unsafe buffer = .allocate(byteCount: TransportSettings.readBytes, alignment: 16)
    }

    deinit {
        unsafe buffer.deallocate()
    }

    /// Reads into the loop's buffer, behind the rest of the connection's last read.
    func read<Handler>(_ connection: Connection<Handler>, atMost count: Int) -> Socket.ReadOutcome {
        let rest = connection.input.count
        let end = min(rest + count, TransportSettings.readBytes)
        if rest > 0 { unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(connection.input.bytes)) }
        return unsafe Socket.read(
            connection.descriptor, into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest..<end]))
    }

    /// The first bytes of the loop's buffer, valid until another connection is read.
    func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    }

    // MARK: Batches

    /// Reads from ready connections with one call, before each is handled.
    ///
    /// - Parameters:
    ///   - range: their indices in the poller's events, no more than a batch has places.
    ///   - fewest: the fewest connections that are worth a batch.
    /// - Returns: true if there were enough of them.
    mutating func readBatch<Handler>(
        _ range: Range<Int>, of poller: borrowing Poller, in table: borrowing ConnectionTable<Handler>, fewest: Int,
        with ring: inout SocketRing
    ) throws(SystemError) -> Bool {
        for index in range {
            guard let socket = Reader.socketToBatch(poller.readiness(index), in: table) else { continue }
            batch.add(index - range.lowerBound, from: socket, to: &ring)
        }
        defer {
            batch.collect(from: ring)
            ring.removeAll()
        }
        guard ring.count >= fewest else { return false }
        try ring.submit()
        return true
    }

    /// The socket of a WebSocket that a batch may read: no earlier input of it is left.
    private static func socketToBatch<Handler>(
        _ readiness: Poller.Readiness, in table: borrowing ConnectionTable<Handler>
    ) -> Int32? {
        guard readiness.isReadable, case .connection(let key) = readiness.source,
            let connection = unsafe table.lend(key)
        else { return nil }
        return unsafe connection._withUnsafeGuaranteedRef { connection in
            guard connection.phase == .webSocket, connection.input.isEmpty, connection.reading == .open,
                connection.flags.isDisjoint(with: [.sendsMuch, .isCostly])
            else { return nil }
            return connection.descriptor
        }
    }

    /// Takes the bytes that the batch has read at this place of its range; nil if none.
    mutating func takeArrival(_ place: Int) -> ReceiveBatch.Arrival? {
        batch.take(place)
    }

    // MARK: Deferred work

    var hasDeferred: Bool { !deferred.isEmpty }

    /// Leaves the rest of a connection's input for the next turn.
    mutating func deferRest(of key: ConnectionKey) {
        deferred.append(key)
    }

    /// Takes the connections whose input waits for this turn, in order.
    mutating func takeDeferred() -> [ConnectionKey] {
        defer { deferred.removeAll(keepingCapacity: true) }
        return deferred
    }

    /// Puts connections at the front, in order, that this turn has not served.
    mutating func deferFirst(_ keys: [ConnectionKey]) {
        guard !keys.isEmpty else { return }
        let first = Set(keys)
        deferred = keys + deferred.filter { !first.contains($0) }
    }
}
