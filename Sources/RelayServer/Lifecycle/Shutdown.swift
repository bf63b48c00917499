internal import Glibc
package import Logging
internal import RelayCore
package import RelayEngine

/// A relay's shutdown, from the first signal to the end.
///
/// Everything that it waits for runs in a task of its own, which ends with it, so nothing that hangs can delay the end.
package struct Shutdown: Sendable {
    /// Seconds over which the remaining connections are closed when the drain's time is up.
    package static let spreadSeconds = 5
    /// Seconds between two questions whether another machine takes new games.
    private static let askEvery = 3
    /// Seconds until what no machine has taken is offered again. The wait doubles each time, up to the most: members are
    /// not read while their room is offered.
    private static let firstOfferAgain = 2
    private static let lastOfferAgain = 32
    /// Seconds for which the machine sends requests on after the last room has gone: those of players who come back by
    /// its id, or by a list of machines that was asked for before.
    private static let sendsOnFor = 3
    /// Seconds that the answer is valid: a question takes up to 2 of them.
    private static let believedFor = 8

    private let engine: RelayEngine
    private let drainSeconds: Int
    private let delaySeconds: Int
    private let spread: ShutdownMode
    private let hasReadyPeer: HasReadyPeer?
    private let rescue: RoomRescue
    private let terminal: ControllingTerminal
    private let console: Console?
    private let logger: Logger

    /// - Parameters:
    ///   - drainSeconds: the longest time that the drain may take; 0 for no limit.
    ///   - delaySeconds: the shortest time, within that, in which the engine goes on answering.
    ///   - terminal: the one that the process was started on.
    ///   - console: the one at which somebody reads what it writes.
    ///   - hasReadyPeer: nil if there are no other machines.
    ///   - rescue: how rooms outlive the process.
    package init(
        of engine: RelayEngine, drainSeconds: Int, delaySeconds: Int = 0, spreadSeconds: Int = spreadSeconds,
        terminal: ControllingTerminal = ControllingTerminal(), console: Console? = nil, hasReadyPeer: HasReadyPeer?,
        rescue: RoomRescue = RoomRescue(), logger: Logger
    ) {
        self.engine = engine
        self.drainSeconds = drainSeconds
        self.delaySeconds = delaySeconds
        spread = .spread(seconds: spreadSeconds)
        self.hasReadyPeer = hasReadyPeer
        self.rescue = rescue
        self.terminal = terminal
        self.console = console
        self.logger = logger
    }

    /// Returns when the engine has ended, or the task is cancelled.
    ///
    /// - Returns: the signal that cut the drain short; nil if it was not cut short.
    package func run(signals: some AsyncSequence<Int32, Never> & Sendable) async -> Int32? {
        let (events, reports) = AsyncStream.makeStream(of: ShutdownCourse.Event.self)
        var course = ShutdownCourse(spread: spread, isDelayed: delaySeconds > 0, handsOver: rescue.taker != nil)
        var start = ContinuousClock.now
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                for await signal in signals {
                    reports.yield(signal == SIGHUP && terminal.isGone ? .hangUp : .signal(signal))
                }
            }
            for await event in events {
                switch course.handle(event) {
                case .drain(let signal):
                    start = .now
                    drain(because: signal, reportingTo: reports, in: &tasks)
                case .end(let mode, let reason):
                    end(mode, reason, after: .now - start)
                    tasks.addTask {
                        await engine.stopped()
                        reports.yield(.stopped)
                    }
                case .finish:
                    reports.finish()
                case nil:
                    break
                }
            }
            tasks.cancelAll()
        }
        logger.info("stopped", metadata: ["seconds": .stringConvertible(tenths(.now - start))])
        return course.lastSignal
    }

    private func drain(
        because signal: Int32, reportingTo reports: AsyncStream<ShutdownCourse.Event>.Continuation,
        in tasks: inout TaskGroup<Void>
    ) {
        // Before the line: whoever reads it finds the machine draining.
        engine.beginDrain()
        let statistics = engine.statistics()
        logger.info(
            "draining",
            metadata: [
                "signal": "\(Shutdown.name(of: signal))", "rooms": .stringConvertible(statistics.rooms),
                "clients": .stringConvertible(statistics.clients),
                "bound": drainSeconds > 0 ? "\(drainSeconds) s" : "none",
                "delay": "\(delaySeconds) s",
            ])
        tasks.addTask {
            await engine.drained()
            reports.yield(.empty)
        }
        if let console, signal == SIGINT {
            tasks.addTask { await answer(console, statistics, reportingTo: reports) }
        }
        tasks.addTask { await watchElsewhere() }
        tasks.addTask { await rescueRooms(reportingTo: reports) }
        for (event, seconds) in [(ShutdownCourse.Event.timeIsUp, drainSeconds), (.delayIsOver, delaySeconds)]
        where seconds > 0 {
            tasks.addTask {
                try? await Task.sleep(for: .seconds(seconds))
                reports.yield(event)
            }
        }
    }

    /// Ends the drain for whoever has pressed Ctrl-C if nobody elsewhere is in a room, and no room could outlive the
    /// process; or tells what is waited for and what becomes of the rooms.
    private func answer(
        _ console: Console, _ statistics: EngineStatistics,
        reportingTo reports: AsyncStream<ShutdownCourse.Event>.Continuation
    ) async {
        let fate: DrainNotice.Rescue = rescue.keep != nil ? .file : rescue.taker != nil ? .handover : .none
        if delaySeconds == 0, fate == .none, await !engine.hasMembersElsewhere() {
            reports.yield(.onlyHere)
        } else if let notice = DrainNotice(
            rooms: statistics.rooms, clients: statistics.clients, rescue: fate, seconds: drainSeconds,
            delay: delaySeconds)
        {
            console.show(notice)
        }
    }

    /// A signal's name, for those that end the relay.
    private static func name(of signal: Int32) -> String {
        switch signal {
        case SIGHUP: "SIGHUP"
        case SIGINT: "SIGINT"
        case SIGTERM: "SIGTERM"
        default: "\(signal)"
        }
    }

    /// Hands the rooms over, and keeps those for the next start that no machine has taken.
    private func rescueRooms(reportingTo reports: AsyncStream<ShutdownCourse.Event>.Continuation) async {
        let start = ContinuousClock.now
        if let taker = rescue.taker, await handOver(to: taker) {
            try? await Task.sleep(for: .seconds(Shutdown.sendsOnFor))
        }
        reports.yield(.followed)
        if let keep = rescue.keep, await keepRooms(keep, from: start) { reports.yield(.kept) }
    }

    /// Keeps the rooms for the next start.
    ///
    /// - Returns: true if all have stopped and are kept.
    private func keepRooms(_ keep: ([RoomRecord]) throws -> Int, from start: ContinuousClock.Instant) async -> Bool {
        try? await Task.sleep(until: start + .seconds(delaySeconds), clock: .continuous)
        guard !Task.isCancelled else { return false }
        let records = await engine.departAll()
        guard !records.isEmpty else { return false }
        let leftOut: Int
        do {
            leftOut = try keep(records)
        } catch {
            logger.error("rooms not kept", metadata: ["reason": "\(error)"])
            engine.stay(records.map(\.code))
            return false
        }
        logger.info(
            "rooms kept",
            metadata: [
                "rooms": .stringConvertible(records.count - leftOut), "leftOut": .stringConvertible(leftOut),
            ])
        return true
    }

    /// - Returns: true if another machine has taken a room.
    private func handOver(to taker: RoomTaker) async -> Bool {
        var span = rescue.handoffSeconds
        var handedOver = 0
        var wait = Shutdown.firstOfferAgain
        while true {
            handedOver += await engine.handOver(to: taker, over: span)
            let left = engine.roomsHeld
            logger.info(
                "rooms handed over",
                metadata: ["rooms": .stringConvertible(handedOver), "left": .stringConvertible(left)])
            // Whoever comes to be able to take them later gets them then, unless they are kept here.
            guard left > 0, rescue.keep == nil, !Task.isCancelled else { return handedOver > 0 }
            span = 0
            let again = ContinuousClock.now + .seconds(wait)
            // The last room may end by itself meanwhile.
            while .now < again, engine.roomsHeld > 0, !Task.isCancelled { try? await Task.sleep(for: .seconds(1)) }
            wait = min(2 * wait, Shutdown.lastOfferAgain)
        }
    }

    private func watchElsewhere() async {
        guard let hasReadyPeer else { return }
        while !Task.isCancelled {
            engine.noteReadyPeer(await hasReadyPeer(), seconds: Shutdown.believedFor)
            try? await Task.sleep(for: .seconds(Shutdown.askEvery))
        }
    }

    private func end(_ mode: ShutdownMode, _ reason: ShutdownCourse.Reason, after duration: Duration) {
        let statistics = engine.statistics()
        logger.info(
            "drain ended",
            metadata: [
                "reason": "\(reason.rawValue)", "seconds": .stringConvertible(tenths(duration)),
                "rooms": .stringConvertible(statistics.rooms),
                "clients": .stringConvertible(statistics.clients),
                "websockets": .stringConvertible(statistics.webSockets),
            ])
        engine.beginStop(mode)
    }

    private func tenths(_ duration: Duration) -> Double {
        (duration / .milliseconds(100)).rounded() / 10
    }
}
