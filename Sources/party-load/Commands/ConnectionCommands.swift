internal import ArgumentParser

/// Connections are held.
struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Connections are opened and held, and say nothing.",
        discussion: "With --members 0 they enter no room. With --pid the server's memory for each is measured.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var connections: ConnectionOptions
    @OptionGroup var opening: OpeningOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var plan = try server.plan(.idle)
        connections.add(to: &plan)
        opening.add(to: &plan)
        time.add(to: &plan)
        try server.run(plan)
    }
}

/// Connections come and go.
struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Connections are made, enter a room and leave, as fast as the server lets them.",
        discussion: """
            First rooms fill up and empty again until so many connections have come and gone: connectionsPerSecond of \
            all, joinsPerSecond of the guests, latencies from the first packet to the answer to create or join. The \
            server's processor time is of this part. Then as many connections are held, and all guests are cut off \
            at once and take their slots back: rejoinsPerSecond. Hosts stay, since a room without members ends.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var connections: ConnectionOptions
    @OptionGroup var opening: OpeningOptions

    @Option(help: "Seconds before the connections that count.")
    var warmup = 1.0

    func run() throws {
        var plan = try server.plan(.connect)
        connections.add(to: &plan)
        opening.add(to: &plan)
        plan.warmup = warmup
        try server.run(plan)
    }
}
