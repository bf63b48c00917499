/// The right to a slot, good once: 128 random bits in hexadecimal.
///
/// Whoever has it gets the slot, so it never prints itself.
@usableFromInline
package struct Ticket: Hashable, Sendable {
    /// The length of a ticket's text.
    package static let length = 32
    /// The time for which a ticket is good, in seconds.
    package static let lifetimeSeconds = 600

    /// The text as it was sent, or no bytes for a text that no ticket has.
    package let bytes: [UInt8]

    /// A new ticket.
    ///
    /// - Parameters:
    ///   - first: 64 bits of a secure generator.
    ///   - second: 64 more.
    package init(random first: UInt64, _ second: UInt64) {
        bytes = Hexadecimal.digits(of: [first, second])
    }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }
}

extension Ticket: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    @usableFromInline package var description: String { "Ticket(secret)" }
    @usableFromInline package var debugDescription: String { description }
    @usableFromInline package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
