import Glibc
import Synchronization
import Testing

/// A process started by a test, which is killed with this object at the latest.
class ChildProcess {
    let identifier: pid_t
    private let output: Int32
    private let errors: Int32
    /// The part of its standard output that has been read.
    private(set) var outputText = ""
    private var status: Int32?

    struct CannotStart: Error {
        let code: Int32
    }

    /// - Parameters:
    ///   - command: the program's path, and its arguments.
    ///   - environment: its whole environment.
    ///   - blocked: signals that are blocked at its start.
    init(_ command: [String], environment: [String: String], blocked: [Int32] = []) throws {
        // One at a time, so that no process inherits the ends of another's pipes before they are marked.
        (identifier, output, errors) = try ChildProcess.starting.withLock { _ in
            let (output, outputStart) = try ChildProcess.pipe()
            let (errors, errorsStart) = try ChildProcess.pipe()
            defer {
                close(outputStart)
                close(errorsStart)
            }
            let identifier = try ChildProcess.spawn(
                command, environment, blocked, output: outputStart, errors: errorsStart)
            return (identifier, output, errors)
        }
    }

    private static let starting = Mutex(())

    private static func spawn(
        _ command: [String], _ environment: [String: String], _ blocked: [Int32], output: Int32, errors: Int32
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        unsafe posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        // Descriptors of other tests would count against its limit of open files. Closing one that is not open is no
        // error.
        for inherited in STDERR_FILENO + 1..<1_024 {
            unsafe posix_spawn_file_actions_addclose(&actions, inherited)
        }
        // A thread that runs Swift blocks signals, which its child would inherit: dnsmasq, for one, then never hears of
        // the end of its own children, and stops answering TCP.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        for signal in blocked { unsafe sigaddset(&signals, signal) }
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        // The tests may run under nohup, or in the background of a script, and ignore signals that the child is to get.
        var untouched = sigset_t()
        unsafe sigemptyset(&untouched)
        for signal in [SIGHUP, SIGINT, SIGTERM, SIGPIPE] { unsafe sigaddset(&untouched, signal) }
        unsafe posix_spawnattr_setsigdefault(&attributes, &untouched)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var strings = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (strings + variables).forEach { unsafe free($0) } }
        var started: pid_t = 0
        let result = unsafe posix_spawn(&started, command[0], &actions, &attributes, &strings, &variables)
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

    /// Reads its standard output until that holds a match.
    func output<Match>(matching pattern: Regex<Match>) throws -> Match {
        while true {
            if let match = outputText.firstMatch(of: pattern) { return match.output }
            let text = try #require(try ChildProcess.read(output), "the process ended before it said so")
            outputText += text
        }
    }

    /// True until it has ended.
    var isRunning: Bool {
        var information = unsafe siginfo_t()
        let options = WEXITED | WNOHANG | WNOWAIT
        guard status == nil, unsafe waitid(P_PID, id_t(identifier), &information, options) == 0 else { return false }
        return unsafe information.si_signo == 0
    }

    func signal(_ number: Int32) {
        kill(identifier, number)
    }

    /// Waits for its end, and returns its standard error and its exit status.
    ///
    /// The status of a process that was killed by a signal is the signal's number, negated.
    func end() throws -> (status: Int32, errors: String) {
        var text = ""
        while let more = try ChildProcess.read(errors) { text += more }
        // Its standard output closes with it too, but a full pipe would hold it up.
        while let more = try ChildProcess.read(output) { outputText += more }
        var raw: Int32 = 0
        _ = unsafe waitpid(identifier, &raw, 0)
        let left = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : -(raw & 0x7F)
        status = left
        return (left, text)
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
