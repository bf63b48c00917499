internal import Configuration
internal import Glibc
internal import Logging
internal import RelayEngine
internal import ServiceLifecycle
internal import UnixSignals

/// Starts the relay from the environment and runs it to its end.
package enum RelayServer {
    /// - Throws: what stopped the start, each with a description of one line.
    package static func run() async throws {
        // A log collector that goes away must not end the games.
        signal(SIGPIPE, SIG_IGN)
        let machine = MachineLimits.raised()
        let reader = ConfigReader(provider: EnvironmentVariablesProvider())
        let configuration = try ServerConfiguration(from: reader, machine: machine)
        let logger = RelayLogging.logger(level: configuration.logLevel)
        for doubt in configuration.doubts(on: machine) { logger.warning("\(doubt)") }
        let service = try RelayService(configuration, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
