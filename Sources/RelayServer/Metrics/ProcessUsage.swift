internal import CLinux
internal import Glibc

/// What this process takes of the machine.
struct ProcessUsage {
    let residentBytes: Int
    let heapBytes: Int
    /// Seconds since the process started.
    let uptime: Int

    static func current() -> ProcessUsage {
        ProcessUsage(
            residentBytes: residentPages() * Int(sysconf(Int32(_SC_PAGESIZE))), heapBytes: Int(clinux_heap_used()),
            uptime: uptimeSeconds())
    }

    /// The second number of `statm`.
    private static func residentPages() -> Int {
        let words = FileText.read("/proc/self/statm")?.split(separator: " ") ?? []
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    private static func uptimeSeconds() -> Int {
        // Field 22 of `stat` is the start, in clock ticks since boot; the command before it may hold spaces.
        guard let stat = FileText.read("/proc/self/stat"), let end = stat.lastIndex(of: ")") else { return 0 }
        let words = stat[end...].split(separator: " ")
        let ticksPerSecond = Int(sysconf(Int32(_SC_CLK_TCK)))
        guard words.count > 20, let started = Int(words[20]), ticksPerSecond > 0 else { return 0 }
        var sinceBoot = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
        return max(Int(sinceBoot.tv_sec) - started / ticksPerSecond, 0)
    }
}
