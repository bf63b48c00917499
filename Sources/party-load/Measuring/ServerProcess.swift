internal import Foundation

/// What the server's process uses, as the kernel tells it.
struct ServerProcess: Sendable {
    let identifier: Int32

    /// Nil if there is no such process, or none that may be looked at.
    init?(identifier: Int32) {
        self.identifier = identifier
        guard residentBytes != nil, processorSeconds != nil else { return nil }
    }

    /// Of all threads that run; nil once the process has ended.
    var processorSeconds: Double? {
        let tasks = "/proc/\(identifier)/task"
        guard let threads = try? FileManager.default.contentsOfDirectory(atPath: tasks) else { return nil }
        let times = threads.compactMap { thread in
            ProcessFile.text("\(tasks)/\(thread)/schedstat").flatMap(ProcessFile.runNanoseconds)
        }
        return times.isEmpty ? nil : Double(times.reduce(0, +)) / Clocks.second
    }

    /// Memory in use, shared pages included; nil once the process has ended.
    var residentBytes: Int? {
        // The first counts pages; the second is off by some for each processor, but needs no rights.
        for (file, name) in [("smaps_rollup", "Rss"), ("status", "VmRSS")] {
            let text = ProcessFile.text("/proc/\(identifier)/\(file)")
            if let bytes = text.flatMap({ ProcessFile.bytes(name, in: $0) }) { return bytes }
        }
        return nil
    }
}

/// What the files of a process in /proc say.
enum ProcessFile {
    static func text(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }

    /// The first number of a thread's `schedstat`: nanoseconds on a processor.
    static func runNanoseconds(_ text: String) -> Int? {
        text.split(separator: " ").first.flatMap { Int($0) }
    }

    /// A field such as `VmRSS:   1234 kB`.
    static func bytes(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count > 1 ? Int(words[1]).map { $0 * 1_024 } : nil
        }
        return nil
    }
}
