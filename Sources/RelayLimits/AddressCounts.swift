/// The numbers of things that addresses hold at present, each held to one bound.
///
/// It is as large as the number of things: an address that holds none has no entry.
package struct AddressCounts: Sendable {
    private let most: Int
    private var counts: [ClientAddress: Int] = [:]

    /// - Parameter most: the most that one address may hold; 0 for any number.
    package init(most: Int) {
        self.most = most
    }

    /// The number of addresses that hold something.
    package var addresses: Int { counts.count }

    /// Counts one more for the address; false if it holds the most already.
    package mutating func add(_ address: ClientAddress) -> Bool {
        guard most > 0 else { return true }
        let key = address.limitKey
        let count = counts[key] ?? 0
        guard count < most else { return false }
        counts[key] = count + 1
        return true
    }

    /// Counts one less, for each `add` that returned true.
    package mutating func remove(_ address: ClientAddress) {
        guard most > 0 else { return }
        let key = address.limitKey
        guard let count = counts[key] else { preconditionFailure("what is removed was added") }
        counts[key] = count > 1 ? count - 1 : nil
    }
}
