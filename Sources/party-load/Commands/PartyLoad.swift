internal import ArgumentParser

/// The program, with one command for each shape of load.
@main
struct PartyLoad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "party-load",
        abstract: "Puts a relay for party games under load and measures it.",
        discussion: """
            Works with any server that implements the protocol and writes its messages exactly as specified. Only ws \
            is supported: load a server behind TLS through a proxy that speaks TLS to it.

            Latencies are those of whole messages: in state and input from the send until the last receiver has the \
            message, in paced and churn from its scheduled time until each receiver has it.

            The exit status is 1 if anything failed, and 130 after an interruption.
            """,
        subcommands: [
            StateCommand.self, InputCommand.self, PacedCommand.self, IdleCommand.self, ConnectCommand.self,
            ChurnCommand.self,
        ])
}
