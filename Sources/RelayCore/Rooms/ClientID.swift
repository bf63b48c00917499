/// The secret by which a client gets its slot back after a disconnect.
///
/// Two are equal only if their bytes are (no Unicode normalisation), hence bytes and not a `String`.
/// It never prints itself, so it cannot leak into a log, an error or another client by accident.
@usableFromInline
package struct ClientID: Hashable, Sendable {
    /// The length of an id that the relay draws.
    package static let drawnLength = 32

    package let bytes: [UInt8]

    /// True for a text that the relay could have drawn.
    var mayBeDrawn: Bool {
        bytes.count == ClientID.drawnLength
            && Hexadecimal.bytes(in: String(decoding: bytes, as: UTF8.self), count: ClientID.drawnLength / 2) != nil
    }

    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// An id for a client that has none: 128 random bits in hexadecimal.
    ///
    /// - Parameters:
    ///   - first: 64 bits of a secure generator.
    ///   - second: 64 more.
    package init(random first: UInt64, _ second: UInt64) {
        bytes = Hexadecimal.digits(of: [first, second])
    }
}

extension ClientID: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    @usableFromInline package var description: String { "ClientID(secret)" }
    @usableFromInline package var debugDescription: String { description }
    @usableFromInline package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
