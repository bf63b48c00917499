internal import ArgumentParser

/// The program: one command for each shape of load.
@main
struct PartyLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "party-load",
        abstract: "Puts a relay for party games under load and measures it.",
        discussion: """
            Works against any server that speaks the protocol and writes its messages byte for byte as it says. Only \
            ws: a server behind TLS is put under load through a proxy that ends TLS and speaks ws to this side.

            Latencies are of whole messages: in the shapes with a window from the sending of a message until the last \
            receiver has it, in paced and churn from the time at which it was to be sent until each receiver has it.

            The exit status is 1 if anything failed, and 130 after an interruption.
            """,
        subcommands: [
            StateCommand.self, InputCommand.self, PacedCommand.self,
        ])
}

/// The host of each room broadcasts.
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "The host of each room sends to all others, a window of messages under way.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var rooms: RoomOptions
    @OptionGroup var messages: MessageOptions
    @OptionGroup var window: WindowOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var plan = try server.plan(.state)
        rooms.add(to: &plan)
        messages.add(to: &plan)
        window.add(to: &plan)
        time.add(to: &plan)
        try server.run(plan)
    }
}

/// The guests of each room send to their host.
struct InputCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "input", abstract: "Each guest sends to its host, a window of messages under way.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var rooms: RoomOptions
    @OptionGroup var messages: MessageOptions
    @OptionGroup var window: WindowOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var plan = try server.plan(.input)
        rooms.add(to: &plan)
        messages.add(to: &plan)
        window.add(to: &plan)
        time.add(to: &plan)
        try server.run(plan)
    }
}

/// Everybody sends by the clock.
struct PacedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "paced",
        abstract: "Everybody sends at a fixed rate, whatever the server does: hosts to all, guests to their host.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var rooms: RoomOptions
    @OptionGroup var messages: MessageOptions
    @OptionGroup var rate: RateOptions
    @OptionGroup var time: TimeOptions

    func run() throws {
        var plan = try server.plan(.paced)
        rooms.add(to: &plan)
        messages.add(to: &plan)
        rate.add(to: &plan)
        time.add(to: &plan)
        try server.run(plan)
    }
}
