internal import CLinux
internal import Glibc

/// This process's use of the machine.
struct ProcessUsage {
    var residentBytes = 0
    var heapBytes = 0
    /// Nanoseconds since the process started.
    var uptime = 0
    /// The start of the process, in nanoseconds of Unix time.
    var startTime = 0
    /// Processor time used, in nanoseconds.
    var processorTime = 0
    var openDescriptors = 0
    var maxDescriptors = 0

    static func current() -> ProcessUsage {
        let start = startSinceBoot ?? 0
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return ProcessUsage(
            residentBytes: residentPages() * Int(sysconf(Int32(_SC_PAGESIZE))), heapBytes: Int(clinux_heap_used()),
            uptime: startSinceBoot.map { max(nanoseconds(CLOCK_BOOTTIME) - $0, 0) } ?? 0,
            startTime: startOfBoot + start, processorTime: nanoseconds(CLOCK_PROCESS_CPUTIME_ID),
            openDescriptors: countDescriptors(), maxDescriptors: Int(clamping: limit.rlim_cur))
    }

    /// The second number of `statm`.
    private static func residentPages() -> Int {
        let words = FileText.read("/proc/self/statm")?.split(separator: " ") ?? []
        return words.count > 1 ? Int(words[1]) ?? 0 : 0
    }

    /// Since Linux 6.2 the directory's size is the number; on older kernels the entries must be counted.
    private static func countDescriptors() -> Int {
        var status = stat()
        if unsafe stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return Int(status.st_size) }
        return listDescriptors()
    }

    static func listDescriptors() -> Int {
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        // Without the directory itself, and the entries for it and its parent.
        var count = -3
        while unsafe readdir(directory) != nil { count += 1 }
        return count
    }

    // Both are read once: setting the clock must not look like a restart.

    private static let startOfBoot = nanoseconds(CLOCK_REALTIME) - nanoseconds(CLOCK_BOOTTIME)

    /// Nanoseconds from the machine's boot to the process's start.
    private static let startSinceBoot: Int? = {
        let ticksPerSecond = Int(sysconf(Int32(_SC_CLK_TCK)))
        guard ticksPerSecond > 0, let stat = FileText.read("/proc/self/stat") else { return nil }
        return startTicks(inStat: stat).map { $0 * (1_000_000_000 / ticksPerSecond) }
    }()

    private static func nanoseconds(_ clock: clockid_t) -> Int {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// The start of the process in clock ticks since boot: field 22 of `/proc/self/stat`.
    static func startTicks(inStat text: String) -> Int? {
        // The second field, the command, may contain spaces and parentheses.
        guard let end = text.lastIndex(of: ")") else { return nil }
        let words = text[end...].split(separator: " ")
        return words.count > 20 ? Int(words[20]) : nil
    }
}
