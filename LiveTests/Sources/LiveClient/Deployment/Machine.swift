/// The id of a machine, as pins and `X-Instance-Id` carry it.
package struct MachineID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// Nil unless the text is 1 to 64 letters, digits and hyphens, as the relay requires.
    package init?(_ text: some StringProtocol) {
        let isMachine = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
        guard isMachine, (1...64).contains(text.utf8.count) else { return nil }
        description = String(text)
    }
}

/// A machine of the deployment.
package struct Machine: Hashable, Sendable, CustomStringConvertible {
    package let id: MachineID
    /// The region in the relay's `created`; nil if the machine has none.
    package let region: String?

    package init(id: MachineID, region: String?) {
        self.id = id
        self.region = region
    }

    package var description: String { region.map { "\(id) in \($0)" } ?? "\(id)" }
}
