import Foundation
import Glibc
import RelayEngine
import TestSupport

/// The program, as a process of its own.
final class RelayProcess: ChildProcess {
    /// Starts the program that was built beside the tests, with this environment and `IO_URING` as the run of the tests
    /// sets it.
    ///
    /// - Parameters:
    ///   - preparation: a shell command that runs before it in its process, to limit what it may do.
    ///   - blocked: signals that are blocked at its start.
    init(
        _ environment: [String: String], arguments: [String] = [], preparation: String? = nil, blocked: [Int32] = []
    ) throws {
        var command = [RelayProcess.program] + arguments
        if let preparation { command = ["/bin/sh", "-c", #"\#(preparation) && exec "$0" "$@""#] + command }
        let wanted = ["IO_URING": IOUringMode.wanted.rawValue]
        try super.init(command, environment: wanted.merging(environment) { $1 }, blocked: blocked)
    }

    /// The outcome of the command `health`, run again after a timeout: a busy machine may need more time than it waits.
    static func health(_ environment: [String: String]) throws -> (status: Int32, errors: String) {
        var end = try RelayProcess(environment, arguments: ["health"]).end()
        for _ in 0..<10 where end.errors.contains("not answered within") {
            end = try RelayProcess(environment, arguments: ["health"]).end()
        }
        return end
    }

    /// The port that it has logged, on which it listens.
    func port() throws -> Int {
        Int(try output(matching: /"message":"listening".*"port":([0-9]+)[,}]/).1) ?? 0
    }

    /// Processor time that it has used, in ticks of the system's clock; 0 once it has ended.
    var processorTicks: Int {
        let statistics = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
        // Fields 14 and 15, counted behind the command, which may hold spaces.
        let fields = statistics.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
    }

    private static var program: String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        let tests = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return tests.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/party-sockets"
    }
}
