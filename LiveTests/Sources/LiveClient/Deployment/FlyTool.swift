internal import Foundation

/// The platform's command line tool, which lists the machines that run.
package struct FlyTool: Sendable {
    private let path: String

    /// - Returns: nil if neither `fly` nor `flyctl` is in the search path.
    package init?(searchPath: String) {
        let names = ["fly", "flyctl"]
        let paths = names.flatMap { name in searchPath.split(separator: ":").map { "\($0)/\(name)" } }
        guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else { return nil }
        self.path = path
    }

    /// The started machines of an app.
    ///
    /// If the tool is installed but fails, that is an error: without its list, the tests that need several machines
    /// would be skipped where they matter most.
    package func startedMachines(
        ofApp app: String, within limit: Duration = .seconds(30)
    ) async throws -> [Machine] {
        // Files rather than pipes: an agent that the tool leaves behind would keep a pipe open.
        let folder = FileManager.default.temporaryDirectory.appending(path: "live-tests-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = folder.appending(path: "output")
        let complaints = folder.appending(path: "complaints")

        let arguments = ["machines", "list", "--json", "--app", app]
        let advice = "log in, or set LIVE_INSTANCES or LIVE_MACHINES instead"
        let command = ([path] + arguments).joined(separator: " ")
        let ended: FlyTool.Ending
        do {
            ended = try await run(arguments, output: output, complaints: complaints, within: limit)
        } catch {
            throw SettingsError("\(command) cannot be run; \(advice)")
        }
        guard ended == .exit(0) else {
            let said = String(decoding: (try? Data(contentsOf: complaints)) ?? Data(), as: UTF8.self)
            let firstLine = said.split(separator: "\n").first.map { ": \($0)" } ?? ""
            throw SettingsError("\(command) \(ended)\(firstLine); \(advice)")
        }
        return try MachineList.started(json: Array(Data(contentsOf: output)))
    }

    private enum Ending: Equatable, CustomStringConvertible {
        case exit(Int32)
        case killed

        var description: String {
            switch self {
            case .exit(let status): "failed with status \(status)"
            case .killed: "was ended"
            }
        }
    }

    private func run(
        _ arguments: [String], output: URL, complaints: URL, within limit: Duration
    ) async throws -> Ending {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FlyTool.emptyFile(output)
        process.standardError = try FlyTool.emptyFile(complaints)
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
