internal import Logging
internal import RelayCore
internal import RelayEngine
internal import ServiceLifecycle
internal import UnixSignals

/// The relay as a service: it runs until a signal has ended it, or the group is cancelled.
///
/// It hears the signals itself, since the second one means something else than the first, which a group does not tell apart.
struct RelayService: Service, CustomStringConvertible {
    private let engine: RelayEngine
    private let configuration: ServerConfiguration
    private let signals: UnixSignalsSequence
    private let hasReadyPeer: HasReadyPeer?
    private let logger: Logger

    let description = "relay"

    /// Serves from here on, so that whatever stands in the way is known before anything else starts.
    init(_ configuration: ServerConfiguration, search: SiblingSearch?, logger: Logger) async throws {
        self.configuration = configuration
        // Before anybody is let in: a signal that nobody traps yet would end the games without a drain, or, to the first
        // process of a container, do nothing at all.
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        self.logger = logger
        hasReadyPeer = search?.hasReadyPeer
        engine = try RelayEngine(
            configuration: configuration.engine,
            service: RelayHTTPService(configuration, clusterMetrics: search?.metrics), locate: search?.locate,
            logger: logger)
        try engine.start()
    }

    /// - Throws: `EndedBySignal` if it was not left the time that a drain takes.
    func run() async throws {
        let identity = configuration.engine.identity
        var facts: Logger.Metadata = [
            "port": "\(engine.port)", "instance": "\(identity.instance?.text ?? "")",
            "region": "\(configuration.engine.regionLabel)", "routing": "\(identity.isRoutingOn)",
            "threads": "\(configuration.engine.loops)", "maxConnections": "\(configuration.engine.maxConnections)",
            "ioUring": "\(engine.statistics().usesIOUring)", "version": "\(RelayVersion.current)",
        ]
        if let port = engine.metricsPort { facts["metricsPort"] = "\(port)" }
        logger.info("listening", metadata: facts)
        let shutdown = Shutdown(
            of: engine, drainSeconds: configuration.engine.drainSeconds, hasReadyPeer: hasReadyPeer,
            logger: logger)
        if let signal = await shutdown.run(signals: signals.map(\.rawValue)) { throw EndedBySignal(number: signal) }
    }
}

/// A second signal has ended the drain that the first began.
package struct EndedBySignal: Error {
    package let number: Int32

    /// As a shell tells of a process that a signal has ended.
    package var exitStatus: Int32 { 128 + number }
}
