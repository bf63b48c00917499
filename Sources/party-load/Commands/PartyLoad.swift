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
            StateCommand.self, InputCommand.self, PacedCommand.self, IdleCommand.self, ConnectCommand.self,
            ChurnCommand.self,
        ])
}
