import Glibc

/// A file with a name of its own that goes with its owner.
final class TemporaryFile {
    let path: String

    /// - Parameter text: nil if there shall be no file yet.
    init(_ text: String? = nil) throws {
        path = "/tmp/ares-dns-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
        if let text { try write(text) }
    }

    deinit {
        unsafe unlink(path)
    }

    /// Replaces the file in one step, so that no reader sees half of it.
    func write(_ text: String) throws {
        let fresh = path + ".new"
        let descriptor = unsafe open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(code: errno) }
            rest = rest.dropFirst(count)
        }
        guard unsafe rename(fresh, path) == 0 else { throw Failure(code: errno) }
    }

    func remove() {
        unsafe unlink(path)
    }

    struct Failure: Error {
        let code: Int32
    }
}
