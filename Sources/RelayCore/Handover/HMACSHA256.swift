/// HMAC (RFC 2104) with SHA-256: a digest that only those with the key can make, or check.
enum HMACSHA256 {
    static func code(of message: Span<UInt8>, key: Span<UInt8>) -> [UInt8] {
        let short = key.count > SHA256.blockLength ? SHA256.digest(of: key) : key.array
        let padded = short + [UInt8](repeating: 0, count: SHA256.blockLength - short.count)
        var inner = SHA256()
        let innerKey = padded.map { $0 ^ 0x36 }
        inner.update(innerKey.span)
        inner.update(message)
        let digest = inner.finish()
        var outer = SHA256()
        let outerKey = padded.map { $0 ^ 0x5C }
        outer.update(outerKey.span)
        outer.update(digest.span)
        return outer.finish()
    }
}

extension [UInt8] {
    /// True if both are the same, found in a time that does not tell where they differ.
    func isSame(inConstantTimeAs other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return zip(self, other).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
