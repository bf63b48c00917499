/// The platform's name of one machine: 1 to 64 of `A-Z a-z 0-9 -`.
///
/// It is written into headers and host names, so no other character may pass.
package struct InstanceID: Hashable, Sendable {
    package let text: String

    package init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(InstanceID.isAllowed) else { return nil }
        self.text = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == UInt8(ascii: "-")
    }
}

extension InstanceID: CustomStringConvertible {
    package var description: String { text }
}
