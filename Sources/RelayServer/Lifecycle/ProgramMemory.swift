internal import CLinux

/// The code and the constants of the program, in memory.
enum ProgramMemory {
    /// Unmaps all of it. To be called when the start is over: half of the pages that it has read are not used again. Those
    /// that are come back one by one, from the kernel's cache.
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
