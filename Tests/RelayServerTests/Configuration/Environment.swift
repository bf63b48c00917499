import Configuration
import RelayServer

/// An environment made up for a test.
enum Environment {
    /// A machine on which every default is the one of the table.
    static let machine = MachineLimits(processors: 4, openFiles: 1_048_576)

    static func configuration(
        _ variables: [String: String], on machine: MachineLimits = Environment.machine
    ) throws(ConfigurationError) -> ServerConfiguration {
        let provider = EnvironmentVariablesProvider(environmentVariables: variables)
        return try ServerConfiguration(from: ConfigReader(provider: provider), machine: machine)
    }

    /// The error in the variables; nil if they are valid.
    static func refusal(_ variables: [String: String]) -> ConfigurationError? {
        do throws(ConfigurationError) {
            _ = try configuration(variables)
            return nil
        } catch {
            return error
        }
    }
}
