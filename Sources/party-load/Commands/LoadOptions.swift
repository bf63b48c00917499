internal import ArgumentParser
internal import Glibc

/// What is put under load, by how much of this machine, and how it is told.
struct ServerOptions: ParsableArguments {
    @Option(help: "The server; ws only, so for wss the proxy in front of it.", transform: { try ServerURL($0) })
    var url: ServerURL?

    @Option(
        help: ArgumentHelp(
            "Addresses of this machine to connect from in turn, as each has its own ports.", valueName: "a,b"))
    var source: String?

    @Option(help: "Threads, among which the rooms are dealt out.")
    var threads = 1

    @Option(
        help: ArgumentHelp(
            "The server's process on this machine, whose processor time and memory are measured.", valueName: "pid"))
    var pid: Int32?

    @Flag(help: "Print one JSON object: seconds, bytes, and null for what the shape does not measure.")
    var json = false

    func plan(_ shape: LoadPlan.Shape) throws -> LoadPlan {
        var plan = LoadPlan(shape: shape, url: try url ?? ServerURL(ServerURL.standard))
        plan.sources = source.map { $0.split(separator: ",").map(String.init) } ?? []
        plan.threads = threads
        plan.process = pid
        return plan
    }

    /// Carries the plan out, prints what was found, and ends the process with its status.
    func run(_ plan: LoadPlan) throws {
        let plan = try checked(plan)
        let server = try found { () throws(SocketAddress.NotFound) in
            try SocketAddress(host: plan.url.host, port: plan.url.port)
        }
        let sources = try plan.sources.map { source in
            try found { () throws(SocketAddress.NotFound) in
                try SocketAddress(host: source, port: 0, isNumeric: true)
            }
        }
        let process = plan.process.flatMap { ServerProcess(identifier: $0) }
        guard plan.process == nil || process != nil else {
            throw ValidationError("there is no process \(plan.process ?? 0) that could be looked at")
        }
        let run = LoadRun(
            plan: plan, server: server, sources: sources, process: process, progress: Progress(isWanted: !json))
        let report = run.run()
        print(json ? "\(report.json)" : report.summary)
        throw ExitCode(report.exitStatus)
    }

    private func checked(_ plan: LoadPlan) throws -> LoadPlan {
        do {
            return try plan.checked(openFiles: OpenFiles.raisedLimit())
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func found(_ address: () throws(SocketAddress.NotFound) -> SocketAddress) throws -> SocketAddress {
        do {
            return try address()
        } catch {
            throw ValidationError(error.description)
        }
    }
}

/// Rooms and their size.
struct RoomOptions: ParsableArguments {
    @Option(help: "Rooms.")
    var rooms = 50

    @Option(help: "Members of each room, the host included.")
    var members = 4

    func add(to plan: inout LoadPlan) {
        plan.rooms = rooms
        plan.members = members
    }
}

/// What is sent.
struct MessageOptions: ParsableArguments {
    @Option(help: "Bytes of the string in each message's data.")
    var payload = 64

    func add(to plan: inout LoadPlan) { plan.payload = payload }
}

/// How much is under way in a closed loop.
struct WindowOptions: ParsableArguments {
    @Option(help: "Messages of one sender that may be under way.")
    var window = 4

    func add(to plan: inout LoadPlan) { plan.window = window }
}

/// How fast an open loop goes.
struct RateOptions: ParsableArguments {
    @Option(help: "Messages per second of each sender.")
    var rate = 20.0

    func add(to plan: inout LoadPlan) { plan.rate = rate }
}

/// How long is measured.
struct TimeOptions: ParsableArguments {
    @Option(help: "Seconds that count.")
    var seconds = 4.0

    @Option(help: "Seconds before, which do not.")
    var warmup = 1.0

    func add(to plan: inout LoadPlan) {
        plan.seconds = seconds
        plan.warmup = warmup
    }
}

/// The limit of open files, which bounds the connections.
enum OpenFiles {
    /// Raises the limit as far as this process may, and gives it.
    static func raisedLimit() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
