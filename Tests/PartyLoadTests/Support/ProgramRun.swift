import Foundation
import Testing

/// A program that was built beside the tests, as a process of its own that ends with the object at the latest.
///
/// Who waits for it does so on a thread of its own: on those of Swift's pool, of which there are as many as processors,
/// the tests beside it could not go on.
final class ProgramRun: Sendable {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    var identifier: Int32 { process.processIdentifier }

    /// - Parameter environment: all that it gets, but what a sanitizer in it has been told.
    init(_ name: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent(name)
        process.arguments = arguments
        let told = ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
        process.environment = told.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    deinit {
        guard process.isRunning else { return }
        kill(identifier, SIGKILL)
        process.waitUntilExit()
    }

    func signal(_ number: Int32) {
        kill(identifier, number)
    }

    /// Reads its output until that holds a match.
    func output<Match>(matching pattern: Regex<Match>) async throws -> Match {
        var text = ""
        while true {
            if let match = text.firstMatch(of: pattern) { return match.output }
            let handle = output.fileHandleForReading
            let more = await onOwnThread { handle.availableData }
            try #require(!more.isEmpty, "the process ended before it said so: \(text)")
            text += String(decoding: more, as: UTF8.self)
        }
    }

    /// Waits for its end.
    func end() async -> Outcome {
        await onOwnThread { self.waitForEnd() }
    }

    private func waitForEnd() -> Outcome {
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let status = process.terminationStatus
        return Outcome(
            status: process.terminationReason == .exit ? status : -status, output: text, errors: complaint)
    }

    /// What is left of a process.
    struct Outcome: Sendable {
        /// Negative for a signal.
        let status: Int32
        let output: String
        let errors: String
    }
}

/// Runs what blocks.
private func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: body()) }.start()
    }
}

/// The relay, as a process on a port of its own.
struct RelayRun {
    let program: ProgramRun
    let port: Int

    var url: String { "ws://127.0.0.1:\(port)" }

    /// - Parameter settings: in addition to those that every relay here has.
    init(_ settings: [String: String] = [:]) async throws {
        let usual = ["PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "1", "MESSAGES_PER_SECOND": "0"]
        program = try ProgramRun("party-sockets", [], environment: usual.merging(settings) { $1 })
        port = Int(try await program.output(matching: /"port":"([0-9]+)"/).1) ?? 0
    }
}
