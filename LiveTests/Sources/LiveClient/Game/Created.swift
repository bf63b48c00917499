/// The relay's answer to `create`.
package struct Created: Decodable, Hashable, Sendable {
    package let room: String
    package let instance: String
    package let region: String
    package let index: Int
    package let url: String?

    /// Nil where the machine names none.
    package var homeRegion: String? { region.isEmpty ? nil : region.lowercased() }
}
