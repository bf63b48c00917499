/// A region of the platform that a room code can name as its home.
///
/// Codes carry the index, so the table is part of the wire format: append only, never reorder.
package struct Region: Hashable, Sendable {
    private static let names = [
        "ams", "arn", "bom", "cdg", "dfw", "ewr", "fra", "gru", "iad",
        "jnb", "lax", "lhr", "nrt", "ord", "sin", "sjc", "syd", "yyz",
    ]

    /// The place in the table, 0 to 17 today; five bits of a code hold it.
    package let index: Int

    /// The region with this index, or nil for an index that no region has yet.
    package init?(index: Int) {
        guard Region.names.indices.contains(index) else { return nil }
        self.index = index
    }

    /// The region with this name, or nil; names are lower case.
    package init?(name: String) {
        guard let index = Region.names.firstIndex(of: name) else { return nil }
        self.index = index
    }

    package var name: String { Region.names[index] }

    /// Every region, in the order of the table.
    package static var all: [Region] { names.indices.compactMap(Region.init(index:)) }
}

extension Region: CustomStringConvertible {
    package var description: String { name }
}
