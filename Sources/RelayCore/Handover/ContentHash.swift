/// A short name of some bytes, which others do not have: half of their SHA-256.
package enum ContentHash {
    /// 32 hexadecimal digits.
    package static func text(of bytes: [UInt8]) -> String {
        Hexadecimal.text(of: Array(SHA256.digest(of: bytes.span).prefix(SHA256.digestLength / 2)))
    }
}
