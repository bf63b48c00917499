internal import DequeModule
internal import RelayWire

/// The writing side of a loop: the connections with new output, the blocks that hold it, and the ring that sends it.
///
/// Output is collected per connection and sent once per flush. This type only queues and sends; its caller acts on the
/// outcome of a send.
@safe struct Writer<Handler: ConnectionHandler>: ~Copyable {
    /// Connections with output for the next flush, once each. The references are valid because the table keeps closed
    /// connections until the end of the turn, and a turn ends with a flush.
    private var dirty: [Unmanaged<Connection<Handler>>] = unsafe []
    /// The number of them that the current flush has taken.
    private var flushed = 0
    /// Steps since the last flush.
    private var steps = 0
    /// The connections in the ring's batch, in its order.
    private var batch: [Unmanaged<Connection<Handler>>] = unsafe []
    /// The ring that sends to many of them at once; nil if it is not used.
    private var ring: SocketRing?
    private let fewestCallsPerBatch: Int
    /// The blocks that hold output. It is private, so nothing else can change a connection's output.
    private var pool = BufferPool()
    /// Bytes queued since the last flush, which count as buffered only after it.
    private var unflushedBytes = 0
    /// Frames queued, ever.
    private(set) var queuedFrames = 0
    /// Bytes queued as copies, ever.
    private(set) var copiedBytes = 0

    /// Connections with more output than one send takes, in the order in which they are served. Keys, because they may
    /// wait for a later turn.
    private var bulk: Deque<ConnectionKey> = []
    /// Bytes that may still be sent of bulk output, or of large frames at once, in this turn.
    private var bulkBudget = TransportSettings.bulkBytesPerTurn
    /// True if a large frame was queued, in this step, for a connection that has much queued already.
    private var hasFullReceiver = false

    /// - Parameters:
    ///   - ring: nil if each connection gets its own send call.
    ///   - fewestCallsPerBatch: with fewer connections, the ring is not used.
    init(ring: consuming SocketRing?, fewestCallsPerBatch: Int) {
        self.ring = consume ring
        self.fewestCallsPerBatch = fewestCallsPerBatch
    }

    /// Memory in free blocks.
    var keptBytes: Int { pool.bytesKept }

    /// Frees the blocks that nobody has needed since the last call.
    mutating func trimPool() { pool.trim() }

    /// Frees all free blocks.
    mutating func emptyPool() { pool.empty() }

    // MARK: Queueing

    /// Queues whole frames for the next flush.
    ///
    /// - Returns: true if so much is queued that the flush should not wait for the end of the turn.
    @inline(__always)
    mutating func queue(_ frames: UnsafeRawBufferPointer, to connection: Connection<Handler>) -> Bool {
        unsafe connection.output.append(frames, pool: &pool)
        return queued(frames.count, to: connection)
    }

    /// Queues a whole frame of this length, which `write` writes in its place.
    @inline(__always)
    mutating func queue(
        length: Int, to connection: Connection<Handler>, _ write: (inout MutableRawSpan) -> Void
    ) -> Bool {
        connection.output.append(length: length, pool: &pool, write)
        return queued(length, to: connection)
    }

    /// Queues a whole frame that the next of its kind replaces, as long as it has not begun to leave.
    @inline(__always)
    mutating func queueLatest(_ frame: UnsafeRawBufferPointer, to connection: Connection<Handler>) -> Bool {
        unsafe connection.output.appendLatest(frame, pool: &pool)
        return queued(frame.count, to: connection)
    }

    @inline(__always)
    private mutating func queued(_ count: Int, to connection: Connection<Handler>) -> Bool {
        if !connection.flags.contains(.isDirty) { markDirty(connection) }
        unflushedBytes &+= count
        copiedBytes &+= count
        return unflushedBytes > TransportSettings.unflushedBytesPerTurn
    }

    /// Queues bytes that are not frames, such as an HTTP answer.
    mutating func queueOpaque(_ bytes: [UInt8], to connection: Connection<Handler>) {
        unsafe bytes.withUnsafeBytes { unsafe connection.output.appendOpaque($0, pool: &pool) }
        unflushedBytes += bytes.count
        markDirty(connection)
    }

    /// Queues a large frame, or the rest of one, without a copy.
    ///
    /// - Parameters:
    ///   - sent: its first bytes that the kernel has accepted already.
    ///   - isLatest: true if the next of its kind is to replace it.
    ///   - fullBytes: the queue from which a receiver counts as full.
    mutating func queue(
        _ frame: SharedFrame, sent: Int, isLatest: Bool = false, to connection: Connection<Handler>, fullBytes: Int
    ) {
        connection.output.append(frame, sent: sent, isLatest: isLatest)
        if connection.output.count > fullBytes { hasFullReceiver = true }
    }

    /// - Returns: true if, since the last call, a large frame was queued for a connection with much queued already.
    mutating func takeFullReceiver() -> Bool {
        defer { hasFullReceiver = false }
        return hasFullReceiver
    }

    mutating func frameQueued() {
        queuedFrames &+= 1
    }

    mutating func markDirty(_ connection: Connection<Handler>) {
        guard !connection.flags.contains(.isDirty) else { return }
        connection.flags.insert(.isDirty)
        unsafe dirty.append(Unmanaged.passUnretained(connection))
    }

    // MARK: Flushing

    var hasDirty: Bool { unsafe flushed < dirty.count }

    /// Notes the end of a step.
    ///
    /// - Returns: true if so many connections have output that it should be sent before another one is read. A step in
    ///   a large room alone makes a crowd: the output of several such steps is sent at once.
    mutating func stepEnded() -> Bool {
        steps += 1
        return unsafe steps >= TransportSettings.stepsPerFlush && dirty.count >= TransportSettings.dirtyPerFlush
    }

    /// Takes the next connection of the flush.
    @inline(__always)
    mutating func takeDirty() -> Unmanaged<Connection<Handler>>? {
        guard unsafe flushed < dirty.count else { return nil }
        let connection = unsafe dirty[flushed]
        flushed += 1
        unsafe connection._withUnsafeGuaranteedRef { _ = $0.flags.remove(.isDirty) }
        return unsafe connection
    }

    mutating func endFlush() {
        unsafe dirty.removeAll(keepingCapacity: true)
        flushed = 0
        unflushedBytes = 0
        steps = 0
    }

    // MARK: Bulk output

    var hasBulk: Bool { !bulk.isEmpty }
    var hasBulkBudget: Bool { bulkBudget > 0 }

    mutating func beginTurn() {
        bulkBudget = TransportSettings.bulkBytesPerTurn
    }

    /// Notes that a send of bulk output has been tried; each costs something, even if the kernel accepts nothing.
    mutating func bulkSent(_ count: Int) {
        bulkBudget -= max(count, TransportSettings.fewestBytesPerBulkSend)
    }

    mutating func markBulk(_ connection: Connection<Handler>) {
        guard !connection.flags.contains(.isBulk) else { return }
        connection.flags.insert(.isBulk)
        bulk.append(connection.key)
    }

    mutating func takeBulk() -> ConnectionKey? { bulk.popFirst() }

    // MARK: Batches

    /// True if a flush of the dirty connections uses batches.
    var sendsInBatches: Bool { unsafe dirty.count >= fewestCallsPerBatch && ring != nil }

    var hasRoomInBatch: Bool { batchCount < SocketRing.capacity }
    var batchCount: Int { unsafe batch.count }

    /// Adds a send to the batch. Until the batch is submitted, this connection's output must not change: the kernel
    /// reads it.
    mutating func addToBatch(_ connection: Connection<Handler>) {
        unsafe ring?.addSend(connection.output.nextSend, to: connection.descriptor)
        unsafe batch.append(Unmanaged.passUnretained(connection))
    }

    /// - Returns: the error after which the ring cannot be used any more; some of the batch may have been sent.
    mutating func submitBatch() -> SystemError? {
        do throws(SystemError) {
            try ring?.submit()
            return nil
        } catch {
            return error
        }
    }

    /// The outcome of a send of the batch; nil if nothing was sent for a reason that may be the ring's own.
    func batchOutcome(_ place: Int) -> (connection: Unmanaged<Connection<Handler>>, outcome: Socket.WriteOutcome?) {
        unsafe (batch[place], ring?.writeOutcome(of: place))
    }

    mutating func endBatch() {
        unsafe batch.removeAll(keepingCapacity: true)
        ring?.removeAll()
    }

    /// Lends the ring to a batch of reads, which gives it back.
    mutating func takeRing() -> SocketRing? { ring.take() }

    mutating func giveBack(_ ring: consuming SocketRing) {
        self.ring = consume ring
    }

    mutating func dropRing() {
        ring = nil
    }

    // MARK: Output

    /// Removes the bytes that the kernel has accepted from a connection's output.
    @inline(__always)
    mutating func sent(_ count: Int, of connection: Connection<Handler>) {
        if count > 0 { connection.output.consume(count, pool: &pool) }
    }

    mutating func queueClose(_ code: CloseCode?, reason: String, to connection: Connection<Handler>) {
        var frame: [UInt8] = []
        frame.reserveCapacity(FrameWriter.maximumHeaderLength + reason.utf8.count)
        FrameWriter.appendClose(code, reason: reason, to: &frame)
        unsafe frame.withUnsafeBytes { unsafe connection.output.append($0, pool: &pool) }
    }

    mutating func dropUnsentFrames(of connection: Connection<Handler>) {
        connection.output.dropUnsentFrames(pool: &pool)
    }

    mutating func releaseOutput(of connection: Connection<Handler>) {
        connection.output.release(to: &pool)
    }
}
