internal import CLinux
internal import Glibc

/// What the machine allows this process.
package struct MachineLimits: Sendable {
    /// Processors that it may run on.
    package let processors: Int
    /// Files, and so sockets, that it may have open.
    package let openFiles: Int

    package init(processors: Int, openFiles: Int) {
        self.processors = processors
        self.openFiles = openFiles
    }

    /// Raises the limit of open files as far as it goes, and reads what this process has.
    package static func raised() -> MachineLimits {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        let scheduler = Int(clinux_usable_processors())
        let quota = FileText.read("/sys/fs/cgroup/cpu.max").flatMap { processors(inQuota: $0) }
        return MachineLimits(
            processors: min(scheduler, quota ?? scheduler),
            openFiles: Int(min(limit.rlim_cur, rlim_t(Int32.max))))
    }

    /// Connections that the open files allow, with some kept for the process itself and for plain requests.
    package var connections: Int {
        max(openFiles - max(openFiles / 20, 64), 1)
    }

    /// A container's share of the processors, rounded up: quota and period, as `cpu.max` of cgroup v2 has them.
    ///
    /// - Returns: nil without a quota.
    static func processors(inQuota text: String) -> Int? {
        let words = text.split { $0 == " " || $0 == "\n" }
        guard words.count == 2, let quota = Int(words[0]), let period = Int(words[1]), quota > 0, period > 0 else {
            return nil
        }
        return (quota - 1) / period + 1
    }
}
