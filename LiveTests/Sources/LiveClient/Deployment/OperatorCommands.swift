/// Commands with which the tests may disturb a deployment, as its operator or its platform would.
///
/// Nobody lends them for a deployment on which people play, so they are found nowhere but in the environment.
package struct OperatorCommands: Hashable, Sendable {
    /// `LIVE_REPLACE`: drains the machine with the id that it gets, and starts it again.
    package let replace: String?
    /// `LIVE_FREEZE`: stops the machine with the id that it gets for as many seconds as it gets.
    package let freeze: String?

    /// Reads the environment; an empty variable counts as not set.
    package init(_ environment: [String: String]) {
        let variables = environment.filter { !$0.value.isEmpty }
        replace = variables["LIVE_REPLACE"]
        freeze = variables["LIVE_FREEZE"]
    }

    /// Replaces a machine, and returns when it is ready again.
    package func replace(_ machine: Machine) async throws {
        try await run("LIVE_REPLACE", replace, machine.id.description)
    }

    /// Freezes a machine, and returns when it goes on.
    package func freeze(_ machine: Machine, seconds: Int) async throws {
        try await run("LIVE_FREEZE", freeze, machine.id.description, String(seconds))
    }

    private func run(
        _ variable: String, _ command: String?, _ arguments: String..., within limit: Duration = .seconds(120)
    ) async throws {
        guard let command else { throw SettingsError("\(variable) is unset") }
        // By a shell, since a command may have arguments of its own.
        let outcome = try await Command(path: "/bin/sh").run(
            ["-c", "\(command) \"$@\"", variable] + arguments, within: limit)
        guard outcome.ending == .exit(0) else {
            throw SettingsError("\(variable) \(outcome.ending)\(outcome.complaint)")
        }
    }
}
