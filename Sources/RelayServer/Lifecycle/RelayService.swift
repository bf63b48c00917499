internal import Logging
internal import RelayCore
internal import RelayEngine
internal import ServiceLifecycle

/// The relay as a service: it runs until a drain has left no room, or the group is cancelled.
struct RelayService: Service, CustomStringConvertible {
    private let engine: RelayEngine
    private let configuration: ServerConfiguration
    private let logger: Logger

    let description = "relay"

    /// Serves from here on, so that whatever stands in the way is known before anything else starts.
    init(_ configuration: ServerConfiguration, search: SiblingSearch?, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        engine = try RelayEngine(
            configuration: configuration.engine,
            service: RelayHTTPService(configuration, clusterMetrics: search?.metrics), locate: search?.locate,
            logger: logger)
        try engine.start()
    }

    func run() async {
        let identity = configuration.engine.identity
        var facts: Logger.Metadata = [
            "port": "\(engine.port)", "instance": "\(identity.instance?.text ?? "")",
            "region": "\(configuration.engine.regionLabel)", "routing": "\(identity.isRoutingOn)",
            "threads": "\(configuration.engine.loops)", "maxConnections": "\(configuration.engine.maxConnections)",
            "version": "\(RelayVersion.current)",
        ]
        if let port = engine.metricsPort { facts["metricsPort"] = "\(port)" }
        logger.info("listening", metadata: facts)
        await withGracefulShutdownHandler {
            await engine.drained()
        } onGracefulShutdown: {
            let statistics = engine.statistics()
            logger.info(
                "draining", metadata: ["rooms": "\(statistics.rooms)", "clients": "\(statistics.clients)"])
            engine.beginDrain()
        }
        await engine.stop()
        logger.info("stopped")
    }
}
