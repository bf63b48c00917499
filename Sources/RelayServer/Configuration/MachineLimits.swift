internal import CLinux
internal import Glibc

/// The machine's limits for this process.
package struct MachineLimits: Sendable {
    /// Processors that the process may run on.
    package let processors: Int
    /// Files, and so sockets, that the process may have open.
    package let openFiles: Int
    /// Bytes of memory that the process may use; nil if unknown.
    package let memory: Int?

    package init(processors: Int, openFiles: Int, memory: Int? = nil) {
        self.processors = processors
        self.openFiles = openFiles
        self.memory = memory
    }

    /// Raises the limit of open files to its maximum, and reads all limits.
    package static func raised() -> MachineLimits {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        let scheduler = Int(clinux_usable_processors())
        let physical = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
        let groups = ControlGroups { FileText.read($0) }
        return MachineLimits(
            processors: min(scheduler, groups.processors ?? scheduler),
            openFiles: Int(min(limit.rlim_cur, rlim_t(Int32.max))),
            memory: [physical, groups.memory].compactMap { $0 }.filter { $0 > 0 }.min())
    }

    /// The memory for which the defaults are made.
    private static let usualMemory = 256 << 20
    /// Memory that the relay may take besides its buffers.
    private static let otherMemory = 64 << 20
    /// The least that a default leaves for buffers.
    private static let fewestBufferedBytes = 4 << 20

    /// A default of `MAX_BUFFERED_BYTES` that fits into the memory, so that a small machine is not ended for its buffers.
    ///
    /// Half of what the relay does not take otherwise: for 256 MiB that is 96 MiB.
    package func bufferedBytes(standard: Int) -> Int {
        guard let memory, memory < MachineLimits.usualMemory else { return standard }
        let half = (memory - MachineLimits.otherMemory) / 2
        return min(max(half, MachineLimits.fewestBufferedBytes), standard)
    }

    /// Files reserved for other uses than clients: the process, each loop, operators, and the private DNS.
    private static func kept(loops: Int) -> Int { 48 + 3 * loops }
    /// The fewest sockets for clients with which a relay is of use.
    private static let fewestSockets = 64

    /// The most sockets with which the search on siblings can do more than with fewer: one for each of a large region.
    private static let mostSearchSockets = 1_024

    /// Sockets that are reserved for the search on siblings, where there is one.
    package var searchSockets: Int {
        max(min(openFiles / 8, MachineLimits.mostSearchSockets), 8)
    }

    /// Sockets that clients may have open.
    ///
    /// - Parameter search: those reserved for the search on siblings.
    package func sockets(loops: Int, search: Int = 0) -> Int {
        max(openFiles - MachineLimits.kept(loops: loops) - search, 1)
    }

    /// WebSockets that the open files allow; some sockets are reserved for plain requests.
    package func connections(loops: Int, search: Int = 0) -> Int {
        let sockets = sockets(loops: loops, search: search)
        return max(sockets - max(sockets / 20, 16), 1)
    }

    /// - Throws: an error if the process may not open as many files as the relay needs.
    package func check(loops: Int) throws(OpenFilesError) {
        let needed = MachineLimits.kept(loops: loops) + MachineLimits.fewestSockets
        guard openFiles >= needed else { throw OpenFilesError(limit: openFiles, needed: needed, loops: loops) }
    }
}

/// An error about a limit of open files that is too low for the relay, as one line for the operator.
package struct OpenFilesError: Error, Hashable, CustomStringConvertible {
    package let limit: Int
    package let needed: Int
    package let loops: Int

    package var description: String {
        "the hard limit of open files is \(limit), and RELAY_THREADS \(loops) needs at least \(needed): raise it "
            + "(ulimit -Hn, LimitNOFILE= of systemd, --ulimit nofile= of docker)"
    }
}
