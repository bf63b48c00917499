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
        let ticksPerSecond = Int(sysconf(Int32(_SC_CLK_TCK)))
        guard let stat = FileText.read("/proc/self/stat"), let started = startTicks(inStat: stat), ticksPerSecond > 0
        else { return 0 }
        var sinceBoot = timespec()
        unsafe clock_gettime(CLOCK_BOOTTIME, &sinceBoot)
        return max(Int(sinceBoot.tv_sec) - started / ticksPerSecond, 0)
    }

    /// When the process started, in clock ticks since boot: field 22 of `/proc/self/stat`.
    static func startTicks(inStat text: String) -> Int? {
        // The command, the second field, may hold spaces and parentheses.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let words = text[end...].split(separator: " ")
        return words.count > 20 ? Int(words[20]) : nil
    }
}
