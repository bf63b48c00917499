/// The limits of Linux control groups for this process: those of its own group, and of all groups around it.
///
/// The kernel holds a process to each of them, so the smallest counts. A container, a systemd unit and its slice are
/// groups alike. Made of texts, which a test can invent: version 1, version 2, and both beside each other.
struct ControlGroups {
    /// Bytes of memory; nil without a limit.
    let memory: Int?
    /// Processors, rounded up; nil without a limit.
    let processors: Int?

    /// - Parameter read: returns a file's text, or nil if it cannot be read.
    init(read: (String) -> String?) {
        let mounts = Mount.list(read("/proc/self/mountinfo") ?? "")
        let memberships = Membership.list(read("/proc/self/cgroup") ?? "")
        func folders(_ controller: String?) -> [String] {
            let path = memberships.first { $0.isOf(controller) }?.path ?? "/"
            let found = mounts.filter { $0.isOf(controller) }
            return (found.isEmpty ? Mount.usual(controller) : found).flatMap { $0.folders(of: path) }
        }
        func numbers(_ files: [String], in folders: [String]) -> [Int] {
            folders.flatMap { folder in files.compactMap { read("\(folder)/\($0)").flatMap(ControlGroups.limit) } }
        }
        let (unified, ofMemory, ofProcessors) = (folders(nil), folders("memory"), folders("cpu"))
        // Above its "high" a group is slowed down until it is of no use, and never killed.
        memory =
            (numbers(["memory.max", "memory.high"], in: unified) + numbers(["memory.limit_in_bytes"], in: ofMemory)
            + ofMemory.compactMap { read("\($0)/memory.stat").flatMap(ControlGroups.limitOfAll) }).min()
        processors =
            (unified.compactMap { read("\($0)/cpu.max").flatMap(ControlGroups.processors) }
            + ofProcessors.compactMap { folder in
                guard let quota = read("\(folder)/cpu.cfs_quota_us"), let period = read("\(folder)/cpu.cfs_period_us")
                else { return nil }
                return ControlGroups.processors(inQuota: "\(quota) \(period)")
            }).min()
    }

    /// A number of bytes; nil for `max`, and for what version 1 writes instead: the highest number of whole pages.
    private static func limit(_ text: String) -> Int? {
        let words = text.split { $0.isWhitespace }
        guard words.count == 1, let bytes = Int(words[0]), (1..<Int.max - 1 << 20).contains(bytes) else { return nil }
        return bytes
    }

    /// The limit with those of the groups around it, of which a container may see none, in `memory.stat` of version 1.
    private static func limitOfAll(_ text: String) -> Int? {
        let name = "hierarchical_memory_limit "
        let line = text.lines.first { $0.hasPrefix(name) }
        return line.flatMap { limit(String($0.dropFirst(name.count))) }
    }

    /// A share of the processors, rounded up, from a quota and its period.
    ///
    /// - Returns: nil without a quota.
    static func processors(inQuota text: String) -> Int? {
        let words = text.split { $0.isWhitespace }
        guard words.count == 2, let quota = Int(words[0]), let period = Int(words[1]), quota > 0, period > 0 else {
            return nil
        }
        return (quota - 1) / period + 1
    }
}

/// A line of `/proc/self/cgroup`: the process's group in one hierarchy.
private struct Membership {
    /// Empty for version 2.
    let controllers: [Substring]
    let path: String

    static func list(_ text: String) -> [Membership] {
        text.lines.compactMap { line in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2].hasPrefix("/") else { return nil }
            return Membership(controllers: fields[1].split(separator: ","), path: String(fields[2]))
        }
    }

    /// - Parameter controller: nil for the hierarchy of version 2.
    func isOf(_ controller: String?) -> Bool {
        controller.map { controllers.contains($0[...]) } ?? controllers.isEmpty
    }
}

/// A place where a hierarchy is mounted.
private struct Mount {
    /// Nil for version 2.
    let controllers: [Substring]?
    /// The group that appears at the place.
    let root: String
    let place: String

    /// The mounts of hierarchies in `/proc/self/mountinfo`.
    static func list(_ text: String) -> [Mount] {
        text.lines.compactMap { line in
            let fields = line.utf8.split(separator: UInt8(ascii: " ")).map(Substring.init)
            // Behind a number of optional fields.
            guard let end = fields.firstIndex(of: "-"), end >= 6, fields.count > end + 3 else { return nil }
            switch fields[end + 1] {
            case "cgroup2": return Mount(nil, root: fields[3], place: fields[4])
            case "cgroup": return Mount(fields[end + 3].split(separator: ","), root: fields[3], place: fields[4])
            default: return nil
            }
        }
    }

    /// The usual place of a hierarchy, where the list of mounts cannot be read.
    static func usual(_ controller: String?) -> [Mount] {
        guard let controller else { return [Mount(nil, root: "/", place: "/sys/fs/cgroup")] }
        return [Mount([controller[...]], root: "/", place: "/sys/fs/cgroup/\(controller)")]
    }

    private init(_ controllers: [Substring]?, root: Substring, place: Substring) {
        self.controllers = controllers
        self.root = Mount.unescaped(root)
        self.place = Mount.unescaped(place)
    }

    func isOf(_ controller: String?) -> Bool {
        controller.map { controllers?.contains($0[...]) ?? false } ?? (controllers == nil)
    }

    /// The folders of a group and of those around it, as far as they can be seen here.
    func folders(of path: String) -> [String] {
        let names = path.split(separator: "/")
        let above = root.split(separator: "/")
        // In a container the path may be that of the host, or lead out of what is mounted.
        let isBelow = names.starts(with: above) && !names.contains("..")
        let below = isBelow ? names.dropFirst(above.count) : []
        return (0...below.count).map { count in
            below.prefix(count).reduce(place == "/" ? "" : place) { "\($0)/\($1)" }
        }
    }

    /// Text in which blanks are written as octal numbers: `\040`.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.first {
            let digits = String(decoding: rest.dropFirst().prefix(3), as: UTF8.self)
            if byte == UInt8(ascii: "\\"), let code = UInt8(digits, radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(4)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    /// The lines that are not empty. Split by bytes: to look for characters would take a millisecond of each start.
    fileprivate var lines: [Substring] { utf8.split(separator: UInt8(ascii: "\n")).map(Substring.init) }
}
