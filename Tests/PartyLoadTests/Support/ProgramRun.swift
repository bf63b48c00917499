import Foundation
import Testing

/// A process of a program built with the tests; it is killed at the latest when the object is released.
///
/// Waiting for it blocks a thread of its own, not one of Swift's pool, which has only as many threads as processors and is
/// needed by the other tests.
final class ProgramRun: Sendable {
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    var identifier: Int32 { process.processIdentifier }

    /// - Parameter environment: the whole environment, apart from the options of sanitizers, which are passed on.
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

    /// Reads the output until it contains a match.
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

    /// Waits until the process ends.
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

    /// The result of a process that has ended.
    struct Outcome: Sendable {
        /// The exit status, or the negative number of the signal that ended the process.
        let status: Int32
        let output: String
        let errors: String
    }
}

/// Runs a blocking function on a new thread.
private func onOwnThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread { continuation.resume(returning: body()) }.start()
    }
}

/// A relay process on a free port.
struct RelayRun {
    let program: ProgramRun
    let port: Int

    var url: String { "ws://127.0.0.1:\(port)" }

    /// - Parameter settings: environment variables that add to or replace the usual ones.
    init(_ settings: [String: String] = [:]) async throws {
        let usual = ["PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "1", "MESSAGES_PER_SECOND": "0"]
        program = try ProgramRun("party-sockets", [], environment: usual.merging(settings) { $1 })
        port = Int(try await program.output(matching: /"port":([0-9]+)[,}]/).1) ?? 0
    }
}
