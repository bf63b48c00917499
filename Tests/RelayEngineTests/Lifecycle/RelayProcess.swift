import Foundation
import Glibc
import Synchronization
import Testing

/// The program itself, as a process of its own.
final class RelayProcess {
    let identifier: pid_t
    private let output: Int32
    private let errors: Int32
    private var outputText = ""
    private var status: Int32?

    struct CannotStart: Error {
        let code: Int32
    }

    /// Starts the program that was built beside the tests, with this environment and nothing else.
    ///
    /// - Parameter openFiles: how many files, and so sockets, it may have open; nil for as many as the tests.
    init(_ environment: [String: String], arguments: [String] = [], openFiles: Int? = nil) throws {
        var command = [RelayProcess.program] + arguments
        if let openFiles { command = ["/bin/sh", "-c", #"ulimit -n \#(openFiles) && exec "$0" "$@""#] + command }
        // One at a time, so that no process inherits the ends of another's pipes before they are marked.
        (identifier, output, errors) = try RelayProcess.starting.withLock { _ in
            let (output, outputStart) = try RelayProcess.pipe()
            let (errors, errorsStart) = try RelayProcess.pipe()
            defer {
                close(outputStart)
                close(errorsStart)
            }
            let identifier = try RelayProcess.spawn(
                command, environment, output: outputStart, errors: errorsStart)
            return (identifier, output, errors)
        }
    }

    private static let starting = Mutex(())

    private static func spawn(
        _ command: [String], _ environment: [String: String], output: Int32, errors: Int32
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)

        var strings = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (strings + variables).forEach { unsafe free($0) } }
        var started: pid_t = 0
        let result = unsafe posix_spawn(&started, command[0], &actions, nil, &strings, &variables)
        guard result == 0 else { throw CannotStart(code: result) }
        return started
    }

    deinit {
        if status == nil {
            kill(identifier, SIGKILL)
            _ = waitpid(identifier, nil, 0)
        }
        close(output)
        close(errors)
    }

    /// The port that it says it listens on.
    func port() throws -> Int {
        while true {
            if let match = outputText.firstMatch(of: /"port":"([0-9]+)"/), let port = Int(match.1) { return port }
            let text = try #require(try RelayProcess.read(output), "the relay did not start")
            outputText += text
        }
    }

    /// Processor time that it has used, in ticks of the system's clock; 0 once it has ended.
    var processorTicks: Int {
        let statistics = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
        // Fields 14 and 15, counted behind the command, which may hold spaces.
        let fields = statistics.split(separator: ")").last?.split(separator: " ") ?? []
        return fields.count > 12 ? (Int(fields[11]) ?? 0) + (Int(fields[12]) ?? 0) : 0
    }

    func signal(_ number: Int32) {
        kill(identifier, number)
    }

    /// What it has written to its standard error by its end, and the status that it left with.
    ///
    /// A process that was ended by a signal has its number negative.
    func end() throws -> (status: Int32, errors: String) {
        var text = ""
        while let more = try RelayProcess.read(errors) { text += more }
        // Its standard output closes with it too, but a full pipe would hold it up.
        while let more = try RelayProcess.read(output) { outputText += more }
        var raw: Int32 = 0
        _ = unsafe waitpid(identifier, &raw, 0)
        let left = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
        status = left
        return (left, text)
    }

    private static var program: String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink("/proc/self/exe", &buffer, buffer.count)
        let tests = String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return tests.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/party-sockets"
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw CannotStart(code: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// The next text; nil at the end.
    private static func read(_ descriptor: Int32) throws -> String? {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&request, 1, TestSocket.patience) > 0 else {
            throw TestSocketError.timedOut(waitingFor: "the process")
        }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }
}
