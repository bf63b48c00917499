import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import RelayCluster

@Suite("Waits for somebody else", .timeLimit(.minutes(1)))
struct FairTimersTests {
    /// What happened on the loop, in order. Loop-bound.
    final class Record {
        var events: [String] = []
        var timers: [FairTimer] = []
    }

    /// Lets the events of the body happen on a loop, until the last of them.
    static func events(
        until last: String, _ body: @escaping @Sendable (Record, FairTimers, any EventLoop) -> Void
    ) async throws -> [String] {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let record = NIOLoopBoundBox.makeBoxSendingValue(Record(), eventLoop: loop)
        try await loop.submit { body(record.value, FairTimers(on: loop), loop) }.get()
        while try await !loop.submit({ record.value.events.contains(last) }).get() {
            try await Task.sleep(for: .milliseconds(1))
        }
        let events = try await loop.submit { record.value.events }.get()
        try await group.shutdownGracefully()
        return events
    }

    @Test("they end in the order of their times, unless they are cancelled")
    func order() async throws {
        let events = try await Self.events(until: "60") { record, timers, _ in
            for milliseconds: Int64 in [40, 20, 60, 30] {
                let timer = timers.schedule(at: .now() + .milliseconds(milliseconds)) {
                    record.events.append("\(milliseconds)")
                }
                record.timers.append(timer)
            }
            record.timers[3].cancel()
        }
        #expect(events == ["20", "40", "60"])
    }

    @Test("they do not end while the loop is behind with its work")
    func behind() async throws {
        let events = try await Self.events(until: "fair") { record, timers, loop in
            record.timers.append(timers.schedule(at: .now() + .milliseconds(1)) { record.events.append("fair") })
            loop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { record.events.append("plain") }
            Self.work(10, record, loop)
        }
        #expect(events.last == "fair" && events.count == 12)
        #expect(events.firstIndex(of: "plain") ?? 12 < 10)
    }

    @Test("a loop that is always behind ends them nevertheless")
    func alwaysBehind() async throws {
        let events = try await Self.events(until: "fair") { record, timers, loop in
            record.timers.append(timers.schedule(at: .now() + .milliseconds(1)) { record.events.append("fair") })
            Self.work(400, record, loop)
        }
        #expect(events.count < 400)
    }

    /// Keeps the loop busy for so many steps, each longer than a timer may be late.
    private static func work(_ steps: Int, _ record: Record, _ loop: any EventLoop) {
        guard steps > 0 else { return }
        usleep(20_000)
        record.events.append("work")
        loop.assumeIsolated().execute { work(steps - 1, record, loop) }
    }
}
