internal import ArgumentParser

/// The host of each room broadcasts.
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "The host of each room sends to all others, a window of messages under way.")

    @OptionGroup var options: ClosedLoopOptions

    func run() throws { try options.run(.state) }
}

/// The guests of each room send to their host.
struct InputCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "input", abstract: "Each guest sends to its host, a window of messages under way.")

    @OptionGroup var options: ClosedLoopOptions

    func run() throws { try options.run(.input) }
}

/// Everybody sends by the clock.
struct PacedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paced",
        abstract: "Everybody sends at a fixed rate, whatever the server does: hosts to all, guests to their host.")

    @OptionGroup var options: OpenLoopOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var plan = try options.plan(.paced)
        time.add(to: &plan)
        try options.server.run(plan)
    }
}

/// Members leave and come back.
struct ChurnCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "churn",
        abstract: "Hosts send at a fixed rate while guests leave and come back; the first guest of each room stays.",
        discussion: """
            In each room one guest after the other leaves when it has heard a message, and takes its slot back. \
            Latencies are those of the guests who stay, from the time at which a message was to be sent.
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
