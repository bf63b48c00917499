internal import Foundation

/// The platform's command line tool, which lists the machines that run.
package struct FlyTool: Sendable {
    private let tool: Command

    /// - Returns: nil if neither `fly` nor `flyctl` is in the search path.
    package init?(searchPath: String) {
        let names = ["fly", "flyctl"]
        let paths = names.flatMap { name in searchPath.split(separator: ":").map { "\($0)/\(name)" } }
        guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else { return nil }
        tool = Command(path: path)
    }

    /// The started machines of an app.
    ///
    /// If the tool is installed but fails, that is an error: without its list, the tests that need several machines
    /// would be skipped where they matter most.
    package func startedMachines(
        ofApp app: String, within limit: Duration = .seconds(30)
    ) async throws -> [Machine] {
        let arguments = ["machines", "list", "--json", "--app", app]
        let advice = "log in, or set LIVE_INSTANCES or LIVE_MACHINES instead"
        let command = ([tool.path] + arguments).joined(separator: " ")
        let outcome: Command.Outcome
        do {
            outcome = try await tool.run(arguments, within: limit)
        } catch {
            throw SettingsError("\(command) cannot be run; \(advice)")
        }
        guard outcome.ending == .exit(0) else {
            throw SettingsError("\(command) \(outcome.ending)\(outcome.complaint); \(advice)")
        }
        return try MachineList.started(json: outcome.output)
    }
}
