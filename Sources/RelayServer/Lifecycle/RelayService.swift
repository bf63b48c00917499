internal import Glibc
internal import Logging
internal import RelayCore
internal import RelayEngine
internal import ServiceLifecycle
internal import UnixSignals

/// The relay as a service: it runs until a signal has ended it, or its group is cancelled.
///
/// It handles the signals itself: the second one has another meaning than the first, which a group does not
/// distinguish.
struct RelayService: Service, CustomStringConvertible {
    private let engine: RelayEngine
    private let configuration: ServerConfiguration
    private let terminal = ControllingTerminal()
    private let signals: UnixSignalsSequence
    private let search: SiblingSearch?
    private let logger: Logger

    let description = "relay"

    /// The port on which it listens.
    var port: Int { engine.port }

    /// Starts serving at once, so that any obstacle is known before anything else starts.
    init(_ configuration: ServerConfiguration, search: SiblingSearch?, logger: Logger) async throws {
        self.configuration = configuration
        // Before the first connection is accepted: an untrapped signal would end the games without a drain, or, for
        // the first process of a container, do nothing at all.
        signals = await UnixSignalsSequence(
            trapping: RelayService.isIgnored(SIGHUP) ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup])
        self.logger = logger
        self.search = search
        engine = try RelayEngine(
            configuration: configuration.engine,
            service: RelayHTTPService(configuration, clusterMetrics: search?.metrics), locate: search?.locate,
            isListed: search?.isListed, rendezvous: search?.rendezvous, logger: logger)
        let kept = RelayService.keptRooms(configuration, logger: logger)
        do {
            try engine.start(with: kept)
        } catch {
            // For the next start: they are in the file no longer.
            if let path = configuration.roomsFile, !kept.isEmpty {
                _ = try? RoomsFile(path: path).write(kept, now: RelayService.secondsSince1970)
            }
            throw error
        }
    }

    /// The rooms of the relay that ran here a moment ago.
    private static func keptRooms(_ configuration: ServerConfiguration, logger: Logger) -> [RoomRecord] {
        guard let path = configuration.roomsFile else { return [] }
        let found = RoomsFile(path: path).read(
            maxAge: configuration.engine.emptyGrace, maxRooms: configuration.engine.maxRooms,
            now: secondsSince1970, logger: logger)
        guard case .rooms(let rooms, let age) = found else { return [] }
        logger.info(
            "rooms restored",
            metadata: ["rooms": .stringConvertible(rooms.count), "ageSeconds": .stringConvertible(age)])
        return rooms
    }

    private static func writer(of file: RoomsFile) -> @Sendable ([RoomRecord]) throws -> Int {
        { rooms in try file.write(rooms, now: secondsSince1970) }
    }

    private static var secondsSince1970: Int { time(nil) }

    /// How rooms outlive this process.
    private var rescue: RoomRescue {
        // Elsewhere, too, they would be kept for no time.
        guard configuration.engine.emptyGrace > 0 else { return RoomRescue() }
        return RoomRescue(
            taker: search?.taker, handoffSeconds: configuration.engine.handoffSeconds,
            keep: configuration.roomsFile.map { RelayService.writer(of: RoomsFile(path: $0)) })
    }

    /// True if the process was started to ignore the signal, as by `nohup`: it is to outlive its terminal then.
    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard unsafe sigaction(signal, nil, &action) == 0 else { return false }
        // Pointers to functions have no equality.
        return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// - Throws: `EndedBySignal` if a second signal cut the drain short.
    func run() async throws {
        let identity = configuration.engine.identity
        var facts: Logger.Metadata = [
            "url": "\(ListeningURL(host: configuration.engine.host, port: engine.port))",
            "port": .stringConvertible(engine.port), "instance": "\(identity.instance?.text ?? "")",
            "region": "\(configuration.engine.regionLabel)", "routing": .stringConvertible(identity.isRoutingOn),
            "threads": .stringConvertible(configuration.engine.loops),
            "maxConnections": .stringConvertible(configuration.engine.maxConnections),
            "ioUring": .stringConvertible(engine.usesIOUring), "version": "\(RelayVersion.current)",
        ]
        if let port = engine.metricsPort { facts["metricsPort"] = .stringConvertible(port) }
        logger.info("listening", metadata: facts)
        let console = Console()
        console?.show(
            Invitation(
                host: configuration.engine.host, port: engine.port, hasDemo: configuration.engine.servesDemo,
                addresses: LocalNetwork.addresses()))
        ProgramMemory.releaseStart()
        let shutdown = Shutdown(
            of: engine, drainSeconds: configuration.engine.drainSeconds,
            delaySeconds: configuration.engine.drainDelaySeconds, terminal: terminal,
            console: console, hasReadyPeer: search?.hasReadyPeer, rescue: rescue, logger: logger)
        if let signal = await shutdown.run(signals: signals.map(\.rawValue)) { throw EndedBySignal(number: signal) }
    }
}

/// The error that a second signal ended the drain which the first began.
package struct EndedBySignal: Error {
    package let number: Int32

    /// The exit status of a process ended by a signal, as a shell reports it.
    package var exitStatus: Int32 { 128 + number }
}
