/// A host name that is safe to pass to c-ares: absolute, in lower case, without the trailing dot.
///
/// c-ares takes a C string with backslash escapes, so anything but a host name is refused first.
struct DNSName: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// - Throws: `invalidName` for anything but a host name (RFC 1123, with the `_` of service names).
    init(_ text: String) throws(AresError) {
        var bytes = Array(text.utf8)
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw AresError(.invalidName, "the name is empty") }
        // 255 bytes on the wire (RFC 1035), including a length byte per label and the root.
        guard bytes.count <= 253 else { throw AresError(.invalidName, "the name is longer than 253 bytes") }
        for label in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard !label.isEmpty else { throw AresError(.invalidName, "the name has an empty label") }
            guard label.count <= 63 else { throw AresError(.invalidName, "the name has a label over 63 bytes") }
            guard label.allSatisfy(DNSName.isHostNameByte) else {
                throw AresError(.invalidName, "the name has a byte that host names do not have")
            }
        }
        description = String(decoding: bytes.map(DNSName.lowercased), as: UTF8.self)
    }

    private static func isHostNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
