internal import Logging
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
package import RelayCore
internal import Synchronization

/// The search on other machines: for the one in our region that holds a room, and for any that takes new games.
///
/// All work runs on an event loop of its own, so slow siblings or DNS servers cannot delay the loops that carry the
/// games.
package final class Cluster: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let searches: NIOLoopBoundBox<Searches>
    private let board: MachineBoard
    private let closeNames: @Sendable () async -> Void
    private let counts = NIOLockedValueBox(ClusterStatistics())
    /// The rendezvous of the last list, and that list.
    private let meeting = NIOLockedValueBox((machines: [InstanceID](), rendezvous: Rendezvous([])))
    private let shares = Atomic(0)
    /// The shutdown, once begun: from then on nothing is passed to the loop.
    private let closing = NIOLockedValueBox<Task<Void, Never>?>(nil)

    /// - Parameter makeNames: creates the DNS client, and the function that shuts it down.
    init(
        _ configuration: ClusterConfiguration, limits: ClusterLimits, logger: Logger,
        makeNames: (any EventLoop) throws -> (any NameLookup, @Sendable () async -> Void)
    ) throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        loop = group.next()
        let names: any NameLookup
        do {
            (names, closeNames) = try makeNames(loop)
        } catch {
            try group.syncShutdownGracefully()
            throw error
        }
        let telemetry = ClusterTelemetry(counts, logger: logger, warningInterval: limits.warningInterval)
        let searches = Searches(configuration, names: names, limits: limits, on: loop, telemetry: telemetry)
        board = searches.board
        self.searches = .makeBoxSendingValue(searches, eventLoop: loop)
        // Whoever is first to need the list has it at hand.
        onLoop { $0.refreshList() }
    }

    /// The sibling that holds this room, if the siblings could be asked in time.
    ///
    /// Cancelling the caller's task gives up its share at once; with the last share the lookup ends.
    package func locate(_ code: RoomCode) async -> RoomLocation {
        await answer(otherwise: .unknown) {
            $0.rooms.locate(code, share: $1, reply: $2)
        } abandon: {
            $0.rooms.abandon(code, share: $1)
        }
    }

    /// True if another machine of the app, in any region, answers and takes new games.
    ///
    /// The machines themselves are asked, within 2 s; a machine that does not answer takes none. Concurrent callers
    /// share one lookup. Cancelling the caller's task gives up its share at once.
    package func hasReadyPeer() async -> Bool {
        await answer(otherwise: false) {
            $0.readyPeers.find(share: $1, reply: $2)
        } abandon: {
            $0.readyPeers.abandon(share: $1)
        }
    }

    /// The machines of the cluster, as they were listed last. Callable from any thread; waits for nothing.
    ///
    /// A list older than 5 s is asked for again in the background. One older than an hour, or than a minute where the DNS
    /// has failed since, no longer tells which machines exist.
    package func machines() -> MachineView {
        let (view, isOld) = board.read(now: .now())
        if isOld { onLoop { $0.refreshList() } }
        return view
    }

    /// The machines of our region as `machines` has them, this one included, for the draw of codes. Callable from any
    /// thread.
    package func rendezvous() -> Rendezvous {
        let machines = machines().region
        return meeting.withLockedValue { meeting in
            if meeting.machines != machines { meeting = (machines, Rendezvous(machines)) }
            return meeting.rendezvous
        }
    }

    /// The counts since the start. Callable from any thread.
    package func statistics() -> ClusterStatistics {
        counts.withLockedValue { $0 }
    }

    /// Ends all lookups, which return no answer, and then the event loop. Further calls wait for the same end.
    package func shutdown() async {
        let closing = closing.withLockedValue { closing in
            let task = closing ?? Task { await self.close() }
            closing = task
            return task
        }
        await closing.value
    }

    /// Takes a share in a lookup, and gives it up when the caller's task is cancelled.
    ///
    /// - Parameter none: the answer after shutdown has begun.
    func answer<Answer: Sendable>(
        otherwise none: Answer,
        search: @escaping @Sendable (Searches, _ share: Int, _ reply: @escaping (Answer) -> Void) -> Void,
        abandon: @escaping @Sendable (Searches, _ share: Int) -> Void
    ) async -> Answer {
        let share = shares.add(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = onLoop { search($0, share) { continuation.resume(returning: $0) } }
                if !isOpen { continuation.resume(returning: none) }
                // A cancellation before this point may have overtaken the search; a later one comes after it.
                if Task.isCancelled { onLoop { abandon($0, share) } }
            }
        } onCancel: {
            onLoop { abandon($0, share) }
        }
    }

    /// Runs work on the loop, in the order of the calls; false once shutdown has begun.
    @discardableResult
    private func onLoop(_ work: @escaping @Sendable (Searches) -> Void) -> Bool {
        closing.withLockedValue { closing in
            guard closing == nil else { return false }
            loop.execute { [searches] in work(searches.value) }
            return true
        }
    }

    private func close() async {
        let queries = try? await loop.submit { [searches] in searches.value.stop() }.get()
        await closeNames()
        for query in queries ?? [] { await query.value }
        // The thread ends with its loop; this fails only for a loop that somebody else has already shut down.
        try? await group.shutdownGracefully()
    }
}
