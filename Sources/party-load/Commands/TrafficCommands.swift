internal import ArgumentParser

/// Hosts broadcast, as fast as their window allows.
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "The host of each room sends to all guests, with a window of messages in flight.")

    @OptionGroup var options: ClosedLoopOptions
    @OptionGroup var readers: SlowOptions

    func run() throws { try options.run(.state) { readers.add(to: &$0) } }
}

/// Guests send to their host, as fast as their window allows.
struct InputCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "input", abstract: "Each guest sends to its host, with a window of messages in flight.")

    @OptionGroup var options: ClosedLoopOptions

    func run() throws { try options.run(.input) }
}

/// Everybody sends on a fixed schedule.
struct PacedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paced",
        abstract: "Everybody sends at a fixed rate, however slow the server is: hosts to all, guests to their host.")

    @OptionGroup var options: OpenLoopOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var plan = try options.plan(.paced)
        time.add(to: &plan)
        try options.server.run(plan)
    }
}

/// Guests leave and come back while hosts send on a fixed schedule.
struct ChurnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "churn",
        abstract: "Hosts send at a fixed rate while guests leave and come back; the first guest of each room stays.",
        discussion: """
            In each room one guest after the other leaves once it has received a message, and takes its slot back. \
            Latencies are those of the guests who stay, from the scheduled time of a message.
            """)

    @OptionGroup var options: OpenLoopOptions
    @OptionGroup var opening: OpeningOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var plan = try options.plan(.churn)
        opening.add(to: &plan)
        time.add(to: &plan)
        try options.server.run(plan)
    }
}
