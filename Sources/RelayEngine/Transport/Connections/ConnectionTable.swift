/// The connections of one loop, by descriptor, and those that have closed in this turn.
struct ConnectionTable<Handler: ConnectionHandler>: ~Copyable {
    private var connections: [Connection<Handler>?] = []
    /// The connections closed in this turn, kept until its end since the turn may still refer to them.
    private var retired: [Connection<Handler>] = []
    private var lastSerial: UInt64
    private(set) var count = 0

    /// - Parameter loop: the loop's index, which keeps the serial numbers of all loops distinct.
    init(loop: Int) {
        lastSerial = UInt64(loop) << 32
    }

    /// A key that no connection has had before.
    mutating func newKey(for descriptor: Int32) -> ConnectionKey {
        lastSerial += 1
        return ConnectionKey(descriptor: descriptor, serial: lastSerial)
    }

    /// All connections, in the order of their descriptors.
    var all: [Connection<Handler>] { connections.compactMap(\.self) }

    /// The connection of this key, unless it is gone.
    subscript(_ key: ConnectionKey) -> Connection<Handler>? {
        // The table retains it until the caller does.
        unsafe lend(key)?.takeUnretainedValue()
    }

    /// The connection of this key, without a counted reference, since every event looks one up. The reference is valid
    /// until the end of the turn, also if the connection leaves the table before.
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

    /// Removes a connection that has closed, and keeps it until the end of the turn.
    mutating func retire(_ connection: Connection<Handler>) {
        retired.append(connection)
        remove(connection.key)
    }

    /// Removes a connection that moves to another loop.
    mutating func remove(_ key: ConnectionKey) {
        connections[Int(key.descriptor)] = nil
        count -= 1
    }

    /// Frees the connections closed in this turn. Called at its end, when nothing refers to them any more.
    mutating func releaseRetired() {
        retired.removeAll(keepingCapacity: true)
    }
}
