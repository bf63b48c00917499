import Glibc
import Testing

@testable import RelayEngine

extension Mailbox {
    /// Has every later wake-up fail: its descriptor names something that cannot be written to.
    func breakDown() throws {
        let other = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { Glibc.close(other) }
        let replaced = dup2(other, descriptor)
        try #require(replaced >= 0)
    }
}
