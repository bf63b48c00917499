internal import Foundation
internal import Glibc

/// The server's process, and the resources that it uses according to `/proc`.
struct ServerProcess: Sendable {
    let identifier: Int32

    /// Nil if there is no such process, or if its files cannot be read.
    init?(identifier: Int32) {
        self.identifier = identifier
        guard residentBytes != nil, processorSeconds != nil else { return nil }
    }

    /// Processor time of all running threads; nil once the process has ended.
    var processorSeconds: Double? {
        let tasks = "/proc/\(identifier)/task"
        guard let threads = try? FileManager.default.contentsOfDirectory(atPath: tasks) else { return nil }
        let times = threads.compactMap { thread in
            ProcessFile.text("\(tasks)/\(thread)/schedstat").flatMap(ProcessFile.runNanoseconds)
        }
        return times.isEmpty ? nil : Double(times.reduce(0, +)) / Clocks.second
    }

    /// Resident memory including shared pages; nil once the process has ended.
    var residentBytes: Int? {
        // The first is exact; the second lags by some pages per processor, but anyone may read it.
        for (file, name) in [("smaps_rollup", "Rss"), ("status", "VmRSS")] {
            let text = ProcessFile.text("/proc/\(identifier)/\(file)")
            if let bytes = text.flatMap({ ProcessFile.bytes(name, in: $0) }) { return bytes }
        }
        return nil
    }
}

/// Parsers of the files of a process in `/proc`.
enum ProcessFile {
    /// The whole text of a file; nil if it cannot be read.
    ///
    /// The kernel gives such a file in pieces of up to a page that end with a line. Foundation takes a piece that is
    /// shorter than what it asked for as the last one, hence reads of our own until there is nothing more.
    static func text(_ path: String) -> String? {
        guard let file = unsafe fopen(path, "r") else { return nil }
        defer { unsafe fclose(file) }
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe fread(&piece, 1, piece.count, file)
            guard count > 0 else { break }
            text += piece[..<count]
        }
        return unsafe ferror(file) == 0 ? String(decoding: text, as: UTF8.self) : nil
    }

    /// The first number of a thread's `schedstat`: its processor time in nanoseconds.
    static func runNanoseconds(_ text: String) -> Int? {
        text.split(separator: " ").first.flatMap { Int($0) }
    }

    /// The value of a line such as `VmRSS:   1234 kB`.
    static func bytes(_ name: String, in text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("\(name):") {
            let words = line.split { $0 == " " || $0 == "\t" }
            return words.count > 1 ? Int(words[1]).map { $0 * 1_024 } : nil
        }
        return nil
    }
}
