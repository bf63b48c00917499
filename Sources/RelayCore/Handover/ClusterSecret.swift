/// The secret that the machines of a cluster share: who knows it may hand rooms over.
///
/// It never prints itself, so it cannot leak into a log or an error by accident, and it never leaves the machine.
package struct ClusterSecret: Sendable, Equatable {
    /// The fewest characters; random ones, as those of `openssl rand -hex 32`, are beyond guessing then.
    package static let fewestCharacters = 32

    let bytes: [UInt8]

    /// White space around the text does not count: files and variables often end with a line's end.
    ///
    /// Nil if the text is too short.
    package init?(_ text: String) {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        let end = text.utf8.lastIndex { !isSpace($0) }.map { text.utf8.index(after: $0) } ?? text.startIndex
        let core = text.utf8[..<end].drop(while: isSpace)
        guard Substring(core).unicodeScalars.count >= ClusterSecret.fewestCharacters else { return nil }
        bytes = Array(core)
    }
}

extension ClusterSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "ClusterSecret(secret)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
