import Foundation
import Glibc
import Logging
import Synchronization

@testable import RelayServer

/// A pipe that a log handler writes to, for reading what arrives at its other end.
struct LogPipe {
    private let readable: Int32
    private let writable: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        let result = unsafe pipe(&ends)
        precondition(result == 0, "a test may open a pipe")
        (readable, writable) = (ends[0], ends[1])
        // F_SETPIPE_SZ, which Glibc does not show: room for all that a test writes before it reads.
        let size = fcntl(writable, 1_031, 1 << 20)
        precondition(size >= 1 << 20, "a pipe may hold a mebibyte")
    }

    var handler: JSONLineLogHandler { JSONLineLogHandler(descriptor: writable) }

    func logger(_ change: (inout JSONLineLogHandler) -> Void = { _ in }) -> Logger {
        var handler = handler
        change(&handler)
        return Logger(label: "test") { [handler] _ in handler }
    }

    /// A logger as on a terminal, of whose nature only the pace matters.
    func terminalLogger() -> Logger {
        let stream = TerminalStream(descriptor: writable)
        return Logger(label: "test") { StreamLogHandler(label: $0, stream: stream) }
    }

    /// Everything that can be read without waiting.
    func readWhatIsThere() -> [UInt8] {
        var all: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        var target = pollfd(fd: readable, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&target, 1, 0) == 1 {
            let count = unsafe block.withUnsafeMutableBytes { unsafe read(readable, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            all += block.prefix(count)
        }
        return all
    }

    /// Does something that must not wait for a reader.
    ///
    /// - Returns: false if it did: then somebody had to read after a while.
    func withoutReader(_ body: () -> Void) -> Bool {
        let done = DispatchSemaphore(value: 0)
        let watch = DispatchQueue(label: "watch")
        let hasWaited = Mutex(false)
        watch.async { [self] in
            guard done.wait(timeout: .now() + 20) == .timedOut else { return }
            hasWaited.withLock { $0 = true }
            while done.wait(timeout: .now() + 0.1) == .timedOut { _ = readWhatIsThere() }
        }
        body()
        done.signal()
        watch.sync {}
        return !hasWaited.withLock { $0 }
    }

    /// Everything up to the end; nobody writes any more.
    consuming func closeAndRead() -> [UInt8] {
        close(writable)
        defer { close(readable) }
        var all: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe block.withUnsafeMutableBytes { unsafe read(readable, $0.baseAddress, $0.count) }
            guard count > 0 else { return all }
            all += block.prefix(count)
        }
    }

    /// The lines, each as an object. Foundation decides what is JSON.
    static func objects(in bytes: [UInt8]) throws -> [[String: LogField]] {
        guard !bytes.isEmpty else { return [] }
        guard bytes.last == UInt8(ascii: "\n") else { throw Unfinished() }
        return try bytes.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            try JSONDecoder().decode([String: LogField].self, from: Data(line))
        }
    }

    struct Unfinished: Error {}
}
