/// A dictionary that tracks which entry was touched longest ago, so that its owner can bound its size.
///
/// Clients choose the keys and may choose a new one each time, so every operation takes constant time: the entries form
/// a list, linked by index, from the oldest to the newest.
struct RecencyTable<Key: Hashable, Value> {
    /// A reference to an entry. It names nothing once the entry is gone, even if its place is used again.
    struct Handle: Hashable, Sendable {
        fileprivate let index: UInt32
        /// Wraps after four billion reuses of one place, more than any handle lives to see.
        fileprivate let generation: UInt32

        /// Names no entry of any table.
        static var nothing: Handle { Handle(index: .max, generation: 0) }
    }

    /// A place for an entry. A vacant one keeps its last content until it is used again.
    fileprivate struct Node {
        var key: Key
        var value: Value
        var generation: UInt32 = 0
        var older: UInt32?
        var newer: UInt32?
    }

    private var nodes: [Node] = []
    private var vacant: [UInt32] = []
    private var indices: [Key: UInt32] = [:]
    private var oldest: UInt32?
    private var newest: UInt32?

    var count: Int { indices.count }

    /// The value touched longest ago.
    var oldestValue: Value? { oldest.map { nodes[Int($0)].value } }

    /// All keys and values, in no particular order.
    var entries: some Sequence<(key: Key, value: Value)> {
        indices.lazy.map { (key, index) in (key, nodes[Int(index)].value) }
    }

    func handle(of key: Key) -> Handle? {
        guard let index = indices[key] else { return nil }
        return Handle(index: index, generation: nodes[Int(index)].generation)
    }

    /// The value of an entry; nil once it is gone.
    func value(of handle: Handle) -> Value? {
        index(of: handle).map { nodes[$0].value }
    }

    /// The place of an entry; nil once it is gone.
    private func index(of handle: Handle) -> Int? {
        let index = Int(handle.index)
        return index < nodes.count && nodes[index].generation == handle.generation ? index : nil
    }

    func value(of key: Key) -> Value? {
        indices[key].map { nodes[Int($0)].value }
    }

    /// Adds an entry, as the newest; the key must be new.
    mutating func insert(_ value: Value, for key: Key) -> Handle {
        precondition(indices[key] == nil, "an inserted key is new to the table")
        let index: UInt32
        if let place = vacant.popLast() {
            index = place
            nodes[Int(index)].key = key
            nodes[Int(index)].value = value
        } else {
            index = UInt32(nodes.count)
            nodes.append(Node(key: key, value: value))
        }
        indices[key] = index
        linkAsNewest(index)
        return Handle(index: index, generation: nodes[Int(index)].generation)
    }

    /// Makes the entry the newest and changes its value; false if the entry is gone.
    mutating func touch(_ handle: Handle, _ change: (inout Value) -> Void) -> Bool {
        guard let index = index(of: handle) else { return false }
        change(&nodes[index].value)
        if newest != handle.index {
            unlink(handle.index)
            linkAsNewest(handle.index)
        }
        return true
    }

    /// Changes the value of a key, but not its age.
    mutating func change(_ key: Key, _ change: (inout Value) -> Void) {
        guard let index = indices[key] else { return }
        change(&nodes[Int(index)].value)
    }

    /// Makes the entry that was touched longest ago the newest.
    mutating func renewOldest() {
        guard let index = oldest, newest != index else { return }
        unlink(index)
        linkAsNewest(index)
    }

    /// Removes the entry that was touched longest ago.
    mutating func removeOldest() -> (key: Key, value: Value)? {
        guard let index = oldest else { return nil }
        let (key, value) = (nodes[Int(index)].key, nodes[Int(index)].value)
        unlink(index)
        indices[key] = nil
        nodes[Int(index)].generation &+= 1
        vacant.append(index)
        return (key, value)
    }

    private mutating func linkAsNewest(_ index: UInt32) {
        nodes[Int(index)].older = newest
        nodes[Int(index)].newer = nil
        if let newest { nodes[Int(newest)].newer = index } else { oldest = index }
        newest = index
    }

    private mutating func unlink(_ index: UInt32) {
        let (older, newer) = (nodes[Int(index)].older, nodes[Int(index)].newer)
        if let older { nodes[Int(older)].newer = newer } else { oldest = newer }
        if let newer { nodes[Int(newer)].older = older } else { newest = older }
    }
}

extension RecencyTable: Sendable where Key: Sendable, Value: Sendable {}
extension RecencyTable.Node: Sendable where Key: Sendable, Value: Sendable {}
