internal import Configuration
internal import Glibc
package import Logging
package import RelayCore
internal import RelayEngine
internal import ServiceLifecycle

/// The relay's entry point: starts it from the environment and runs it to its end.
package enum RelayServer {
    /// - Parameter makeSearch: joins the relay to its cluster; called only where there is one.
    /// - Throws: an error with a description of one line if the start fails; or `EndedBySignal`.
    package static func run(
        makeSearch: (ClusterConfiguration, ClusterSecret?, Logger) throws -> SiblingSearch
    ) async throws {
        // A log collector that closes its pipe must not end the games.
        signal(SIGPIPE, SIG_IGN)
        // Nor must a bound on the size of files, when the rooms are written: the write fails then, and says so.
        signal(SIGXFSZ, SIG_IGN)
        let machine = MachineLimits.raised()
        // The reader can be asked to log what it has read (CONFIG_ACCESS_LOG_FILE): a secret never.
        let reader = ConfigReader(
            provider: EnvironmentVariablesProvider(secretsSpecifier: .specific(["CLUSTER_SECRET"])))
        let configuration = try ServerConfiguration(from: reader, machine: machine)
        try machine.check(loops: configuration.engine.loops)
        // The port that a free one is comes first: whoever starts the relay for its tests waits for that.
        let hold = configuration.engine.port == 0 ? LogHold() : nil
        defer { hold?.release() }
        let logger = RelayLogging.logger(level: configuration.logLevel, held: hold)
        for doubt in configuration.doubts(on: machine) { logger.warning("\(doubt)") }
        let search = try configuration.cluster.map { try makeSearch($0, configuration.clusterSecret, logger) }
        let relay = try await RelayService(configuration, search: search, logger: logger)
        if let hold {
            PortLine(host: configuration.engine.host, port: relay.port).write()
            hold.release()
        }
        var services = [
            ServiceGroupConfiguration.ServiceConfiguration(
                service: relay, successTerminationBehavior: .gracefullyShutdownGroup)
        ]
        // It ends after the relay, whose end is the group's: players who join during a drain may still have to be
        // sent to a sibling.
        if let search { services.append(.init(service: search.service)) }
        try await ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: logger)).run()
    }
}
