internal import ArgumentParser
internal import Glibc

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
            """
            The server's process on this machine, to measure its processor time and memory; by default the one that \
            listens at the URL's port, if it may be looked at. Of several, separated by blanks or commas, that one.
            """, valueName: "pid"))
    var pid: String?

    @Flag(help: "Print one JSON object, in seconds and bytes, with null for what the shape does not measure.")
    var json = false

    func plan(_ shape: LoadPlan.Shape) throws -> LoadPlan {
        var plan = LoadPlan(shape: shape, url: try url ?? ServerURL(ServerURL.standard))
        plan.sources = source.map { $0.split(separator: ",").map(String.init) } ?? []
        plan.threads = threads
        plan.process = try process(listeningAt: plan.url.port)
        plan.patience = patience
        return plan
    }

    /// The process to measure; nil if none is named.
    private func process(listeningAt port: Int) throws -> Int32? {
        let words = pid?.split { $0.isWhitespace || $0 == "," } ?? []
        let named = try words.map { word in
            guard let process = Int32(word), process > 0 else {
                throw ValidationError("--pid: \(word) is no process ID")
            }
            return process
        }
        guard named.count > 1 else { return named.first }
        guard let holder = ListeningSockets.holder(of: port, among: named) else {
            throw ValidationError("--pid: none of \(named) is seen to listen at port \(port)")
        }
        return holder
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
        let listener = pid == nil && server.isOfThisMachine ? ListeningSockets.holder(of: plan.url.port) : nil
        let process = (plan.process ?? listener).flatMap { ServerProcess(identifier: $0) }
        guard plan.process == nil || process != nil else {
            throw ValidationError("there is no process \(plan.process ?? 0) that could be looked at")
        }
        let run = LoadRun(
            plan: plan, server: server, sources: sources, process: process, progress: Progress(isWanted: !json))
        let throttling = plan.hasMessages ? Throttling(of: plan.url, at: server) : nil
        var report = run.run()
        report.isThrottled = throttling?.hasStruck()
        print(json ? "\(report.json)" : report.summary)
        for reason in [report.trouble, report.doubt].compactMap(\.self) { ServerOptions.complain(reason) }
        throw ExitCode(report.exitStatus)
    }

    private static func complain(_ reason: String) {
        var line = "party-load: \(reason)\n"
        // What else could be done if this fails?
        _ = line.withUTF8 { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
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
