import Foundation
import Glibc
import Testing

/// A terminal, of which a test has the end where somebody would sit.
final class PseudoTerminal {
    /// The file that programs open.
    let path: String
    private var descriptor: Int32
    /// What has been written to it, as far as it has been read.
    private(set) var text = ""

    init() throws {
        descriptor = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        // TIOCGPTN and TIOCSPTLCK, which Glibc does not show: the number of its other end, which is then unlocked.
        var (number, lock) = (Int32(-1), Int32(0))
        path = unsafe ioctl(descriptor, 0x8004_5430, &number) == 0 ? "/dev/pts/\(number)" : ""
        try #require(unsafe ioctl(descriptor, 0x4004_5431, &lock) == 0)
    }

    deinit {
        close()
    }

    /// Reads until it holds a match.
    func await<Match>(_ pattern: Regex<Match>) throws {
        while text.firstMatch(of: pattern) == nil {
            try #require(readSome(patience: TestSocket.patience), "the terminal shows only \(text)")
        }
    }

    /// Reads what is there.
    func readRest() {
        while readSome(patience: 0) {}
    }

    private func readSome(patience: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&request, 1, patience) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return false }
        text += String(decoding: buffer.prefix(count), as: UTF8.self)
        return true
    }

    /// Takes it away from whoever uses it.
    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}
