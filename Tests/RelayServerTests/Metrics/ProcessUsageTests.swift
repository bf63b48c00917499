import Glibc
import Testing

@testable import RelayServer

@Suite("Resource usage of the process")
struct ProcessUsageTests {
    @Test("memory and uptime are those of a running process")
    func isPlausible() {
        let usage = ProcessUsage.current()
        #expect((1 << 20...1 << 36).contains(usage.residentBytes))
        #expect((1 << 12...1 << 36).contains(usage.heapBytes))
        #expect((0...86_400_000_000_000).contains(usage.uptime))
        #expect((1 << 20...1 << 42).contains(usage.processorTime))
    }

    @Test("the start time matches the uptime by the wall clock, and does not change")
    func startTime() {
        let earliest = wallClock()
        let usage = ProcessUsage.current()
        let latest = wallClock()
        let told = (usage.startTime + usage.uptime) / 1_000_000_000
        // The kernel tells the start in hundredths of a second, and each of the two is rounded to a second here.
        #expect((earliest - 1...latest + 1).contains(told))
        #expect(ProcessUsage.current().startTime == usage.startTime)
    }

    @Test("the uptime has fractions of a second")
    func uptime() {
        let first = ProcessUsage.current().uptime
        var last = first
        // It moves on between two looks at it.
        for _ in 0..<10_000 where last == first { last = ProcessUsage.current().uptime }
        #expect((1..<60_000_000_000).contains(last - first))
        #expect(last % 1_000_000_000 != 0 || first % 1_000_000_000 != 0)
    }

    private func wallClock() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec
    }

    @Test("processor time increases with work")
    func processorTime() {
        let before = ProcessUsage.current().processorTime
        var mixed: UInt64 = 1
        var usage = before
        for _ in 0..<1_000 where usage - before < 20_000_000 {
            for _ in 0..<1_000_000 { mixed = mixed &* 6_364_136_223_846_793_005 &+ 1 }
            usage = ProcessUsage.current().processorTime
        }
        #expect(usage - before >= 20_000_000 && mixed != 0)
    }

    @Test("open descriptors are counted, on old and new kernels")
    func descriptors() throws {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(ProcessUsage.current().maxDescriptors == Int(clamping: limit.rlim_cur))
        // More than other tests beside this one open or close meanwhile, and in one of several tries.
        let shows = (0..<5).contains { _ in
            let before = (ProcessUsage.current().openDescriptors, ProcessUsage.listDescriptors())
            let copies = (0..<200).map { _ in fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0) }
            let after = (ProcessUsage.current().openDescriptors, ProcessUsage.listDescriptors())
            for copy in copies { close(copy) }
            return (150...250).contains(after.0 - before.0) && (150...250).contains(after.1 - before.1)
                && abs(after.0 - after.1) < 50
        }
        #expect(shows)
    }

    @Test(
        "the start of the process is found, whatever the program's name",
        arguments: [
            ("7 (relay) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 123456 11 12\n", 123_456),
            ("7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 123456 11 12\n", 123_456),
            ("7 (relay) S 1 7", nil), ("", nil),
        ])
    func findsStart(stat: String, ticks: Int?) {
        #expect(ProcessUsage.startTicks(inStat: stat) == ticks)
    }

    @Test("allocated memory is counted")
    func follows() {
        // Half of it, and in one of several tries, as other tests take and give back memory meanwhile.
        let size = 64 << 20
        let shows = (0..<5).contains { _ in
            let before = ProcessUsage.current()
            let taken = [UInt8](repeating: 1, count: size)
            let after = ProcessUsage.current()
            return after.residentBytes - before.residentBytes > size / 2
                && after.heapBytes - before.heapBytes > size / 2 && taken.last == 1
        }
        #expect(shows)
    }
}
