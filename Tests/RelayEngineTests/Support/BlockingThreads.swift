import Foundation
import Testing

/// Threads for tests that block.
///
/// The clients here wait for the relay in system calls. On Swift's own pool, which has one thread a processor, they
/// would keep all other asynchronous code from running: the relay's lookups, and other tests. There is one of these
/// threads a processor too, so that a small machine does not run all tests at once. The newest job runs first: a test
/// that has begun and awaited something continues before another begins, lest its relay's timers run out meanwhile.
final class BlockingThreads: TaskExecutor {
    static let shared = BlockingThreads()

    private let condition = NSCondition()
    // Touched only while the condition is locked. `Mutex` would do, if ThreadSanitizer saw it.
    nonisolated(unsafe) private var jobs: [UnownedJob] = []

    private init() {
        // Threads of their own, since a dispatch queue would share those of the pool.
        for _ in 0..<max(ProcessInfo.processInfo.activeProcessorCount, 2) {
            Thread { self.work() }.start()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        condition.withLock { unsafe jobs.append(job) }
        condition.signal()
    }

    private func work() -> Never {
        while true {
            let job = condition.withLock {
                while unsafe jobs.isEmpty { condition.wait() }
                return unsafe jobs.removeLast()
            }
            unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

/// Runs the tests of a suite on threads that may block.
struct BlockingTrait: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        try await withTaskExecutorPreference(BlockingThreads.shared) { try await function() }
    }
}

extension Trait where Self == BlockingTrait {
    /// Its tests wait in system calls.
    static var blocking: BlockingTrait { BlockingTrait() }
}
