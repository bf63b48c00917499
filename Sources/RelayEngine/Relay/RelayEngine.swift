package import Logging
internal import RelayCore

/// The relay from outside: loops on threads of their own that accept, parse, upgrade and relay.
package final class RelayEngine: Sendable {
    private let configuration: EngineConfiguration
    private let shared: RelayShared
    private let listener: Listener
    private let operatorListener: Listener?
    private let group: LoopGroup
    private let logger: Logger
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
        shared = RelayShared(configuration: configuration, service: service, locate: locate)
        group = try LoopGroup(loops: configuration.loops)
        listener = try Listener(host: configuration.host, port: configuration.port)
        operatorListener = try configuration.metricsPort.map {
            try Listener(host: configuration.host, port: $0, variable: "METRICS_PORT")
        }
    }

    /// The bound port.
    package var port: Int { listener.port }

    /// The bound port of the metrics, if they have one of their own.
    package var metricsPort: Int? { operatorListener?.port }

    package func statistics() -> EngineStatistics { shared.statistics() }

    /// - Throws: `LoopStartError`; those that have started by then go on, so it is for a process that ends.
    package func start() throws(LoopStartError) {
        for index in 0..<configuration.loops {
            do {
                try startLoop(index)
            } catch {
                throw LoopStartError(loop: index + 1, of: configuration.loops, reason: error)
            }
        }
    }

    private func startLoop(_ index: Int) throws(SystemError) {
        let counters = shared.counters[index]
        let loop = try SocketLoop(
            index: index, group: group, listener: listener, operatorListener: operatorListener,
            settings: configuration.transport, counters: counters, logger: logger,
            handler: RelayLoop(shared: shared, counters: counters))
        try LoopThread.start(loop, name: "relay-\(index)") { [ended] in ended.continuation.yield() }
    }

    /// From now on no room is created; the rooms there are go on.
    package func beginDrain() {
        shared.admission.beginDrain()
    }

    /// Returns when the drain has begun and no room is left.
    package func drained() async {
        await shared.admission.drained()
    }

    /// Closes every connection and ends the loops; returns when their threads are done.
    package func stop() async {
        for mailbox in group.mailboxes { mailbox.post(.stop) }
        var running = configuration.loops
        for await _ in ended.stream {
            running -= 1
            if running == 0 { return }
        }
    }
}

/// What keeps an event loop from starting, as one line for the operator.
package struct LoopStartError: Error, CustomStringConvertible {
    let loop: Int
    let loops: Int
    let reason: SystemError

    init(loop: Int, of loops: Int, reason: SystemError) {
        self.loop = loop
        self.loops = loops
        self.reason = reason
    }

    package var description: String { "cannot start event loop \(loop) of \(loops) (RELAY_THREADS): \(reason)" }
}
