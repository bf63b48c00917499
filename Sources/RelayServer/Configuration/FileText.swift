internal import Glibc

/// A reader of short kernel files about the process.
enum FileText {
    private static let most = 1 << 20

    /// The first MiB of a file; nil if it cannot be read.
    static func read(_ path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4_096)
        // The kernel hands out some files in pieces.
        while bytes.count < most {
            let count = unsafe block.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            bytes.append(contentsOf: block.prefix(count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
