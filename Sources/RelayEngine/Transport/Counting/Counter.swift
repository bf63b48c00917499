internal import Synchronization

/// A number that one thread changes and any thread may read.
///
/// With a single writer, a load and a store are enough, which cost no more than a plain integer.
package struct Counter: ~Copyable, Sendable {
    private let value = Atomic<Int>(0)

    package init() {}

    package var current: Int { value.load(ordering: .relaxed) }

    @inline(__always)
    package func add(_ amount: Int) {
        value.store(value.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}

/// The key of a counter table: the raw value of each case is the value of a metric's label.
package protocol CounterKey: CaseIterable, Hashable, Sendable, RawRepresentable<String> {}

/// A counter for each case of a key.
///
/// Stored inline in its owner, so that counting is one write. `count` is the number of cases, which the compiler cannot
/// derive.
package struct CounterTable<Key: CounterKey, let count: Int>: ~Copyable, Sendable {
    private let counters = InlineArray<count, Counter> { _ in Counter() }
    // With so few cases, a linear search takes less time than a hash.
    private let keys = Array(Key.allCases)

    package init() {
        precondition(keys.count == count, "one counter for each case")
    }

    package func current(_ key: Key) -> Int {
        counters[place(of: key)].current
    }

    package func add(_ amount: Int, for key: Key) {
        counters[place(of: key)].add(amount)
    }

    private func place(of key: Key) -> Int {
        guard let place = keys.firstIndex(of: key) else { preconditionFailure("every case has its counter") }
        return place
    }
}
