internal import CLinux
package import Logging
package import RelayCore
internal import RelayLimits
internal import Synchronization

/// The relay as the server sees it: event loops, each on its own thread, that accept, parse, upgrade and relay.
package final class RelayEngine: Sendable {
    private let configuration: EngineConfiguration
    private let shared: RelayShared
    private let listener: Listener
    private let adminListener: Listener?
    private let group: LoopGroup<RelayLoop>
    private let logger: Logger
    private let runningLoops: Atomic<Int>
    private let ended = AsyncStream<Void>.makeStream()

    /// Begins to listen; connections wait in the kernel's queue until `start`.
    ///
    /// - Parameters:
    ///   - locate: asks the siblings for a room of our region that is not here; nil where there are none.
    ///   - isListed: whether the list of the cluster's machines names one; nil where there is no cluster.
    ///   - rendezvous: the machines of our region, for the draw of codes; nil where there are no siblings.
    package init(
        configuration: EngineConfiguration, service: any HTTPService, locate: LocateRoom? = nil,
        isListed: IsListed? = nil, rendezvous: RegionRendezvous? = nil, logger: Logger
    ) throws {
        precondition(configuration.loops > 0, "an engine has at least one loop")
        self.configuration = configuration
        self.logger = logger
        runningLoops = Atomic(configuration.loops)
        // What is freed then leaves resident memory at once, on any number of threads.
        clinux_heap_map_from(TransportSettings.mappedBlockBytes)
        shared = RelayShared(
            configuration: configuration, service: service, locate: locate, isListed: isListed,
            rendezvous: rendezvous, logger: logger)
        group = try LoopGroup(
            loops: configuration.loops,
            // A local peer is a proxy or a sibling, which may have many.
            peers: PeerSockets(most: configuration.maxSocketsPerPeer, isExempt: { $0.isLocal }))
        listener = try Listener(host: configuration.host, port: configuration.port)
        listener.boundRetransmission(idleTimeout: configuration.transport.idleTimeout)
        adminListener = try configuration.metricsPort.map {
            try Listener(host: configuration.host, port: $0, variable: "METRICS_PORT")
        }
    }

    /// The bound port.
    package var port: Int { listener.port }

    /// The bound admin port, if there is one.
    package var metricsPort: Int? { adminListener?.port }

    /// The rooms that are here, dormant ones included.
    package var roomsHeld: Int { shared.admission.roomCount + shared.admission.dormantCount }

    package func statistics() -> EngineStatistics { shared.statistics() }

    /// True if all loops use io_uring; without the rest of the statistics, so that a start need not make them.
    package var usesIOUring: Bool { shared.counters.useIOUring }

    /// - Parameter kept: rooms from before a restart.
    /// - Throws: `LoopStartError`; the loops already started keep running, so the process must exit.
    package func start(with kept: [RoomRecord] = []) throws(LoopStartError) {
        let arrivals = Dictionary(grouping: kept) { shared.owner(of: $0.code) }
        var mode = configuration.ioUring
        for index in 0..<configuration.loops {
            var variable = "IO_URING on"
            do throws(SystemError) {
                let ring = try ring(&mode)
                variable = "RELAY_THREADS"
                try startLoop(index, ring: ring, arrivals: arrivals[index] ?? [])
            } catch {
                throw LoopStartError(loop: index + 1, of: configuration.loops, reason: error, variable: variable)
            }
        }
    }

    /// The ring with which a loop sends to many connections, and reads from many, with one call.
    ///
    /// - Parameter mode: becomes `.off` where the kernel refuses, so that this is logged once and not for each loop.
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

    private func startLoop(
        _ index: Int, ring: consuming sending SocketRing?, arrivals: [RoomRecord]
    ) throws(SystemError) {
        let counters = shared.counters[index]
        let loop = try SocketLoop(
            index: index, group: group, listener: listener, adminListener: adminListener,
            settings: configuration.transport, counters: counters.transport, logger: logger,
            handler: RelayLoop(shared: shared, counters: counters.relay, arrivals: arrivals), ring: ring)
        try LoopThread.start(name: "relay-\(index)", ended: { self.loopEnded() }) { loop.run() }
    }

    var loopCount: Int { group.count }

    /// Gives a command to the loop that owns the room. If that has ended, the command's reply is nil.
    func post(_ command: RoomCommand, for room: RoomCode) {
        post(command, toLoop: shared.owner(of: room))
    }

    func post(_ command: RoomCommand, toLoop loop: Int) {
        _ = group.post(command, toLoop: loop)
    }

    private func loopEnded() {
        let (_, running) = runningLoops.subtract(1, ordering: .acquiringAndReleasing)
        guard running == 0 else { return }
        // The admin port was served as long as there was a loop. Its socket closes only with the last thread, so it
        // stops accepting here.
        adminListener?.refuse()
        ended.continuation.finish()
    }

    /// Begins the drain: no room is created any more; existing rooms go on.
    package func beginDrain() {
        shared.admission.beginDrain()
    }

    /// Returns when the drain has begun and no room is left.
    package func drained() async {
        await shared.admission.drained()
    }

    /// True if a member of a room is connected from another computer than this one, as far as sockets and proxies tell.
    package func hasMembersElsewhere() async -> Bool {
        for loop in 0..<loopCount {
            if await Reply.wait({ reply in post(.hasMembersElsewhere(reply), toLoop: loop) }) == true { return true }
        }
        return false
    }

    /// Tells a draining engine that another machine takes new games, or that none is known to.
    ///
    /// - Parameter seconds: how long that holds unless it is noted again.
    package func noteReadyPeer(_ isKnown: Bool, seconds: Int) {
        let span = UInt64(seconds) * MonotonicClock.nanosecondsPerSecond
        shared.admission.noteReadyPeer(until: isKnown ? MonotonicClock.now() + span : 0)
    }

    /// Stops accepting, closes every connection in this mode, and ends the loops.
    ///
    /// Another call replaces the mode of a shutdown in progress.
    package func beginStop(_ mode: ShutdownMode) {
        listener.refuse()
        group.beginShutdown(mode)
    }

    /// Returns when the loops' threads have ended, or the task is cancelled.
    package func stopped() async {
        for await _ in ended.stream {}
    }

    /// Closes every connection and ends the loops; returns when their threads have ended.
    package func stop() async {
        beginStop(.atOnce)
        await stopped()
    }
}

/// The failure of an event loop to start, as one line for the operator.
package struct LoopStartError: Error, CustomStringConvertible {
    let loop: Int
    let loops: Int
    let reason: SystemError
    /// The environment variable that asks for what failed.
    let variable: String

    init(loop: Int, of loops: Int, reason: SystemError, variable: String) {
        self.loop = loop
        self.loops = loops
        self.reason = reason
        self.variable = variable
    }

    package var description: String { "cannot start event loop \(loop) of \(loops) (\(variable)): \(reason)" }
}
