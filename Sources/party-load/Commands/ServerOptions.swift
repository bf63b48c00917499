internal import ArgumentParser

/// The server under load, the resources used on this machine, and the form of the output.
struct ServerOptions: ParsableArguments {
    @Option(help: "The server's ws URL; for wss, that of a proxy in front of it.", transform: { try ServerURL($0) })
    var url: ServerURL?

    @Option(
        help: ArgumentHelp(
            "Local addresses to connect from in turn; each has ports of its own.", valueName: "a,b"))
    var source: String?

    @Option(help: "Threads, among which the rooms are divided.")
    var threads = 1

    @Option(help: "Seconds without progress that count as a failure.")
    var patience = 10.0

    @Option(
        help: ArgumentHelp(
            "The server's process on this machine, to measure its processor time and memory.", valueName: "pid"))
    var pid: Int32?

    @Flag(help: "Print one JSON object, in seconds and bytes, with null for what the shape does not measure.")
    var json = false

    func plan(_ shape: LoadPlan.Shape) throws -> LoadPlan {
        var plan = LoadPlan(shape: shape, url: try url ?? ServerURL(ServerURL.standard))
        plan.sources = source.map { $0.split(separator: ",").map(String.init) } ?? []
        plan.threads = threads
        plan.process = pid
        plan.patience = patience
        return plan
    }

    /// Runs the plan, prints the report, and exits with its status.
    func run(_ plan: LoadPlan) throws {
        let plan = try checked(plan)
        let server = try found { () throws(SocketAddress.NotFound) in
            try SocketAddress(host: plan.url.host, port: plan.url.port)
        }
        let sources = try plan.sources.map { source in
            let address = try found { () throws(SocketAddress.NotFound) in
                try SocketAddress(host: source, port: 0, isNumeric: true)
            }
            guard address.family == server.family else {
                throw ValidationError("\(source) and the server's address are of different families")
            }
            return address
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
