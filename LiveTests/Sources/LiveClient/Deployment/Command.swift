internal import Foundation

/// A program that is run to its end, with what it has printed.
struct Command: Sendable {
    let path: String

    enum Ending: Equatable, CustomStringConvertible {
        case exit(Int32)
        case killed

        var description: String {
            switch self {
            case .exit(let status): "failed with status \(status)"
            case .killed: "was ended"
            }
        }
    }

    struct Outcome {
        let ending: Ending
        let output: [UInt8]
        /// The first line on its standard error, after a colon; empty if there is none.
        let complaint: String
    }

    /// Runs it, and kills it if it takes longer than the limit.
    func run(_ arguments: [String], within limit: Duration) async throws -> Outcome {
        // Files rather than pipes: a process that the program leaves behind would keep a pipe open.
        let folder = FileManager.default.temporaryDirectory.appending(path: "live-tests-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = folder.appending(path: "output")
        let complaints = folder.appending(path: "complaints")
        let ending = try await end(arguments, output: output, complaints: complaints, within: limit)
        let said = String(decoding: (try? Data(contentsOf: complaints)) ?? Data(), as: UTF8.self)
        return Outcome(
            ending: ending, output: Array(try Data(contentsOf: output)),
            complaint: said.split(separator: "\n").first.map { ": \($0)" } ?? "")
    }

    private func end(
        _ arguments: [String], output: URL, complaints: URL, within limit: Duration
    ) async throws -> Ending {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Command.emptyFile(output)
        process.standardError = try Command.emptyFile(complaints)
        let (endings, ending) = AsyncStream.makeStream(of: Ending.self)
        process.terminationHandler = { process in
            ending.yield(process.terminationReason == .exit ? .exit(process.terminationStatus) : .killed)
            ending.finish()
        }
        try process.run()
        let identifier = process.processIdentifier
        return await withTaskGroup(of: Ending?.self) { group in
            group.addTask { await endings.first { _ in true } }
            group.addTask {
                try? await Task.sleep(for: limit)
                // This task is cancelled if the process has ended first.
                if !Task.isCancelled { kill(identifier, SIGKILL) }
                return nil
            }
            defer { group.cancelAll() }
            let first = await group.next() ?? nil
            if let first { return first }
            return await group.next().flatMap { $0 } ?? .killed
        }
    }

    private static func emptyFile(_ url: URL) throws -> FileHandle {
        try Data().write(to: url)
        return try FileHandle(forWritingTo: url)
    }
}
