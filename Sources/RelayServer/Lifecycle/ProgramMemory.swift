internal import CLinux

/// The code and the constants of the program, in memory.
enum ProgramMemory {
    /// Unmaps all of it, for the end of the start: half of what it has read is of no use afterwards. What runs on comes back
    /// page by page, from the kernel's cache.
    ///
    /// A debugger keeps its breakpoints: for a process that is traced nothing happens.
    static func releaseStart() {
        if FileText.read("/proc/self/status").map(isTraced) == false { clinux_program_forget() }
    }

    /// From the text of `/proc/self/status`.
    static func isTraced(status: String) -> Bool {
        status.split(separator: "\n").contains { line in
            line.hasPrefix("TracerPid:") && line.split(whereSeparator: \.isWhitespace).last != "0"
        }
    }
}
