import Foundation
import Glibc
import Synchronization

/// A small file system in memory, which only the thread that made it sees.
enum PrivateFileSystem {
    /// Flags of unshare(2) and mount(2), which Glibc does not show; nor does it show the functions.
    private static let newNamespace: Int32 = 0x0002_0000
    private static let readOnly: UInt = 1
    private static let remount: UInt = 32
    private static let privateAll: UInt = 1 << 18 | 16_384

    private typealias Unshare = @convention(c) (Int32) -> Int32
    private typealias Mount =
        @convention(c) (
            UnsafePointer<CChar>?, UnsafePointer<CChar>, UnsafePointer<CChar>?, UInt, UnsafePointer<CChar>?
        ) -> Int32

    /// False where the tests may not mount anything.
    static let isPossible = (try? onThread { isolate() }) ?? false

    struct SystemFailure: Error {
        let code: Int32
    }

    /// - Parameter body: gets the path at which the file system is mounted; it may hold so many bytes.
    static func run<Result: Sendable>(
        bytes: Int, isReadOnly: Bool = false, _ body: @escaping @Sendable (String) throws -> Result
    ) throws -> Result {
        let directory = try TemporaryDirectory()
        return try onThread {
            guard isolate(), mount("tmpfs", on: directory.path, flags: 0, options: "size=\(bytes)") else {
                throw SystemFailure(code: errno)
            }
            if isReadOnly { try makeReadOnly(directory.path) }
            return try body(directory.path)
        }
    }

    /// Lets nobody write to it any more; for its own thread.
    static func makeReadOnly(_ path: String) throws {
        guard mount("tmpfs", on: path, flags: remount | readOnly, options: nil) else {
            throw SystemFailure(code: errno)
        }
    }

    /// The namespace ends with its thread, and with it what is mounted there.
    private static func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let outcome = Outcome<Value>()
        Thread.detachNewThread {
            outcome.result.withLock { $0 = Result { try work() } }
            done.signal()
        }
        done.wait()
        guard let result = outcome.result.withLock({ $0 }) else { throw SystemFailure(code: 0) }
        return try result.get()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let result = Mutex<Result<Value, any Error>?>(nil)
    }

    private static func isolate() -> Bool {
        guard let symbol = unsafe dlsym(nil, "unshare") else { return false }
        let unshare = unsafe unsafeBitCast(symbol, to: Unshare.self)
        return unshare(newNamespace) == 0 && mount("none", on: "/", flags: privateAll, options: nil)
    }

    private static func mount(_ source: String, on path: String, flags: UInt, options: String?) -> Bool {
        guard let symbol = unsafe dlsym(nil, "mount") else { return false }
        let mount = unsafe unsafeBitCast(symbol, to: Mount.self)
        if let options { return unsafe mount(source, path, source, flags, options) == 0 }
        return unsafe mount(source, path, source, flags, nil) == 0
    }
}
