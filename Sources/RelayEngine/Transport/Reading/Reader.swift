internal import RelayLimits

/// What a loop reads with: one buffer for whoever is read, a batch for many at once, and the list of those whose turn was
/// not long enough.
@safe struct Reader: ~Copyable {
    /// How fast one connection may send messages or requests.
    let rate: TokenRate
    /// Where sockets are read into. Idle connections hold no buffer of their own.
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

    /// Reads into the loop's buffer, behind the little that was left of the connection's last read.
    func read<Handler>(_ connection: Connection<Handler>) -> Socket.ReadOutcome {
        let rest = connection.input.count
        if rest > 0 { unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(connection.input.bytes)) }
        return unsafe Socket.read(
            connection.descriptor, into: UnsafeMutableRawBufferPointer(rebasing: buffer[rest...]))
    }

    /// The beginning of the loop's buffer: good until another connection is read.
    func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    }

    // MARK: Batches

    /// Reads what some of those that are ready have sent, before each has its turn.
    ///
    /// - Parameters:
    ///   - range: their indices in what the poller has found, no more than a batch has places.
    ///   - fewest: with fewer connections than that, a call for each costs no more.
    /// - Returns: whether there were enough of them.
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

    /// The socket of a WebSocket that is simply to be read: nothing is left of what it has sent before.
    private static func socketToBatch<Handler>(
        _ readiness: Poller.Readiness, in table: borrowing ConnectionTable<Handler>
    ) -> Int32? {
        guard readiness.isReadable, case .connection(let key) = readiness.source,
            let connection = unsafe table.lend(key)
        else { return nil }
        return unsafe connection._withUnsafeGuaranteedRef { connection in
            guard connection.phase == .webSocket, connection.input.isEmpty, connection.reading == .open,
                !connection.flags.contains(.sendsMuch)
            else { return nil }
            return connection.descriptor
        }
    }

    /// What the batch has read at this place of its range, once; nil if nothing.
    mutating func takeArrival(_ place: Int) -> ReceiveBatch.Arrival? {
        batch.take(place)
    }

    // MARK: Deferred work

    var hasDeferred: Bool { !deferred.isEmpty }

    /// Leaves the rest of what a connection has sent for the next turn.
    mutating func deferRest(of key: ConnectionKey) {
        deferred.append(key)
    }

    /// Those whose rest waits for this turn, in their order.
    mutating func takeDeferred() -> [ConnectionKey] {
        defer { deferred.removeAll(keepingCapacity: true) }
        return deferred
    }

    /// Puts those ahead of all others that got nothing of this turn, because its share was used up.
    mutating func deferFirst(_ keys: Set<ConnectionKey>) {
        guard !keys.isEmpty else { return }
        deferred = deferred.filter { keys.contains($0) } + deferred.filter { !keys.contains($0) }
    }
}
