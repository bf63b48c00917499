internal import ArgumentParser

/// Opens connections and holds them.
struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle", abstract: "Opens connections and holds them without traffic.",
        discussion: "With --members 0 they enter no room. With --pid the server's memory per connection is measured.")

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

/// Opens and closes connections.
struct ConnectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connect",
        abstract: "Opens connections that enter a room and leave it, as fast as the server allows.",
        discussion: """
            First, rooms fill up and empty again until --connections connections have come and gone. This gives \
            connectionsPerSecond of all members, joinsPerSecond of the guests, latencies from the start of the connect \
            to the answer to create or join, and the server's processor time. Then as many connections are held, and \
            all guests are cut off at once and take their slots back: rejoinsPerSecond. Hosts stay, since a room \
            without members ends.
            """)

    @OptionGroup var server: ServerOptions
    @OptionGroup var connections: ConnectionOptions
    @OptionGroup var opening: OpeningOptions

    @Option(help: "Seconds before the measured part.")
    var warmup = 1.0

    func run() throws {
        var plan = try server.plan(.connect)
        connections.add(to: &plan)
        opening.add(to: &plan)
        plan.warmup = warmup
        try server.run(plan)
    }
}
