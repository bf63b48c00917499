/// The connections of one loop, by descriptor, and those that have gone in this turn.
struct ConnectionTable<Handler: ConnectionHandler>: ~Copyable {
    private var connections: [Connection<Handler>?] = []
    /// What the turn may still refer to, and lives until its end.
    private var retired: [Connection<Handler>] = []
    private var lastSerial: UInt64
    private(set) var count = 0

    /// - Parameter loop: its number in the serial keeps the keys of all loops apart.
    init(loop: Int) {
        lastSerial = UInt64(loop) << 32
    }

    /// A name for a new connection that nobody has had before.
    mutating func newKey(for descriptor: Int32) -> ConnectionKey {
        lastSerial += 1
        return ConnectionKey(descriptor: descriptor, serial: lastSerial)
    }

    /// All connections, in the order of their descriptors.
    var all: [Connection<Handler>] { connections.compactMap(\.self) }

    /// The connection of this key, unless it is gone.
    subscript(_ key: ConnectionKey) -> Connection<Handler>? {
        // The table holds it until the caller does.
        unsafe lend(key)?.takeUnretainedValue()
    }

    /// The connection of this key without counting a reference, since this is done for every event: whatever leaves the
    /// table in a turn lives until the end of that turn.
    @inline(__always)
    func lend(_ key: ConnectionKey) -> Unmanaged<Connection<Handler>>? {
        let descriptor = Int(key.descriptor)
        guard descriptor < connections.count, let connection = connections[descriptor], connection.key == key else {
            return nil
        }
        return unsafe .passUnretained(connection)
    }

    mutating func insert(_ connection: Connection<Handler>) {
        let descriptor = Int(connection.descriptor)
        if descriptor >= connections.count {
            connections.append(contentsOf: repeatElement(nil, count: max(descriptor + 1 - connections.count, 64)))
        }
        connections[descriptor] = connection
        count += 1
    }

    /// Takes out a connection that has ended.
    mutating func retire(_ connection: Connection<Handler>) {
        retired.append(connection)
        remove(connection.key)
    }

    /// Takes out a connection that another loop gets.
    mutating func remove(_ key: ConnectionKey) {
        connections[Int(key.descriptor)] = nil
        count -= 1
    }

    /// To be called at the end of a turn: nobody refers to what has gone in it any more.
    mutating func releaseRetired() {
        retired.removeAll(keepingCapacity: true)
    }
}
