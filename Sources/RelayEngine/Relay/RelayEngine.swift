package import Logging
internal import RelayCore
internal import Synchronization

/// The relay from outside: loops on threads of their own that accept, parse, upgrade and relay.
package final class RelayEngine: Sendable {
    private let configuration: EngineConfiguration
    private let shared: RelayShared
    private let listener: Listener
    private let adminListener: Listener?
    private let group: LoopGroup<RelayLoop>
    private let logger: Logger
    private let runningLoops: Atomic<Int>
    private let ended = AsyncStream<Void>.makeStream()

    /// Listens from here on; connections wait until `start`.
    ///
    /// - Parameter locate: asks the siblings for a room of our region that is not here; nil where there are none.
    package init(
        configuration: EngineConfiguration, service: any HTTPService, locate: LocateRoom? = nil, logger: Logger
    ) throws {
        precondition(configuration.loops > 0, "somebody has to own the rooms")
        self.configuration = configuration
        self.logger = logger
        runningLoops = Atomic(configuration.loops)
        shared = RelayShared(configuration: configuration, service: service, locate: locate)
        group = try LoopGroup(loops: configuration.loops)
        listener = try Listener(host: configuration.host, port: configuration.port)
        adminListener = try configuration.metricsPort.map {
            try Listener(host: configuration.host, port: $0, variable: "METRICS_PORT")
        }
    }

    /// The bound port.
    package var port: Int { listener.port }

    /// The bound port of the metrics, if they have one of their own.
    package var metricsPort: Int? { adminListener?.port }

    package func statistics() -> EngineStatistics { shared.statistics() }

    /// - Throws: `LoopStartError`; those that have started by then go on, so it is for a process that ends.
    package func start() throws(LoopStartError) {
        var mode = configuration.ioUring
        for index in 0..<configuration.loops {
            var variable = "IO_URING on"
            do throws(SystemError) {
                let ring = try ring(&mode)
                variable = "RELAY_THREADS"
                try startLoop(index, ring: ring)
            } catch {
                throw LoopStartError(loop: index + 1, of: configuration.loops, reason: error, variable: variable)
            }
        }
    }

    /// A loop's way to send to many connections, and to read from many, with one call.
    ///
    /// - Parameter mode: becomes off where the kernel refuses, so that this is told once and not for each loop.
    private func ring(_ mode: inout IOUringMode) throws(SystemError) -> sending SocketRing? {
        guard mode != .off else { return nil }
        do throws(SystemError) {
            return try SocketRing()
        } catch {
            guard mode == .auto else { throw error }
            logger.info("io_uring is not used", metadata: ["error": "\(error)"])
            mode = .off
            return nil
        }
    }

    private func startLoop(_ index: Int, ring: consuming sending SocketRing?) throws(SystemError) {
        let counters = shared.counters[index]
        let loop = try SocketLoop(
            index: index, group: group, listener: listener, adminListener: adminListener,
            settings: configuration.transport, counters: counters.transport, logger: logger,
            handler: RelayLoop(shared: shared, counters: counters.relay), ring: ring)
        try LoopThread.start(name: "relay-\(index)", ended: { self.loopEnded() }) { loop.run() }
    }

    private func loopEnded() {
        let (_, running) = runningLoops.subtract(1, ordering: .acquiringAndReleasing)
        guard running == 0 else { return }
        // The admin port was answered as long as there was a loop. The last references go only when its thread is gone.
        adminListener?.refuse()
        ended.continuation.finish()
    }

    /// From now on no room is created; the rooms there are go on.
    package func beginDrain() {
        shared.admission.beginDrain()
    }

    /// Returns when the drain has begun and no room is left.
    package func drained() async {
        await shared.admission.drained()
    }

    /// While the engine drains: some other machine takes new games, or none is known to.
    ///
    /// - Parameter seconds: how long that is believed, unless it is said again.
    package func noteReadyPeer(_ isKnown: Bool, seconds: Int) {
        let span = UInt64(seconds) * MonotonicClock.nanosecondsPerSecond
        shared.admission.noteReadyPeer(until: isKnown ? MonotonicClock.now() + span : 0)
    }

    /// Lets nobody in from here on, closes every connection in this manner, and ends the loops.
    ///
    /// It may be called again, to end what is under way in another manner.
    package func beginStop(_ mode: ShutdownMode) {
        listener.refuse()
        group.beginShutdown(mode)
    }

    /// Returns when the loops' threads are done, or the task is cancelled.
    package func stopped() async {
        for await _ in ended.stream {}
    }

    /// Closes every connection and ends the loops; returns when their threads are done.
    package func stop() async {
        beginStop(.atOnce)
        await stopped()
    }
}

/// What keeps an event loop from starting, as one line for the operator.
package struct LoopStartError: Error, CustomStringConvertible {
    let loop: Int
    let loops: Int
    let reason: SystemError
    /// Of the configuration, what asks for the thing that failed.
    let variable: String

    init(loop: Int, of loops: Int, reason: SystemError, variable: String) {
        self.loop = loop
        self.loops = loops
        self.reason = reason
        self.variable = variable
    }

    package var description: String { "cannot start event loop \(loop) of \(loops) (\(variable)): \(reason)" }
}
