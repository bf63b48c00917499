internal import Logging
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
package import RelayCore
internal import Synchronization

/// The other machines: which of our region's holds a room, and whether any takes new games.
///
/// All work is done by one event loop of its own, so that whatever siblings and DNS do, it cannot hold up the loops
/// that carry the games.
package final class Cluster: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let loop: any EventLoop
    private let searches: NIOLoopBoundBox<Searches>
    private let closeNames: @Sendable () async -> Void
    private let counts = NIOLockedValueBox(ClusterStatistics())
    private let shares = Atomic(0)
    /// The end of it all, once begun: from then on nothing is given to the loop.
    private let closing = NIOLockedValueBox<Task<Void, Never>?>(nil)

    /// - Parameter makeNames: makes what answers for the DNS, and what ends that.
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
        searches = .makeBoxSendingValue(
            Searches(configuration, names: names, limits: limits, on: loop, telemetry: telemetry), eventLoop: loop)
    }

    /// The sibling that holds this room; nil if none has it, or nobody could be asked in time.
    ///
    /// Cancelling the caller's task gives up its share at once; with the last share the lookup ends.
    package func locate(_ code: RoomCode) async -> InstanceID? {
        await answer(otherwise: nil) {
            $0.rooms.locate(code, share: $1, reply: $2)
        } abandon: {
            $0.rooms.abandon(code, share: $1)
        }
    }

    /// Whether some other machine of the app, in whatever region, answers and takes new games.
    ///
    /// It is asked of the machines themselves, within 2 s; who cannot be asked takes none. Callers at the same time share
    /// one search. Cancelling the caller's task gives up its share at once.
    package func hasReadyPeer() async -> Bool {
        await answer(otherwise: false) {
            $0.readyPeers.find(share: $1, reply: $2)
        } abandon: {
            $0.readyPeers.abandon(share: $1)
        }
    }

    /// What has happened since the start. From any thread.
    package func statistics() -> ClusterStatistics {
        counts.withLockedValue { $0 }
    }

    /// Ends all lookups, which return nil, and then the event loop. Calling it again waits for the same end.
    package func shutdown() async {
        let closing = closing.withLockedValue { closing in
            let task = closing ?? Task { await self.close() }
            closing = task
            return task
        }
        await closing.value
    }

    /// Takes a share in a search, and gives it up when the caller's task is cancelled.
    ///
    /// - Parameter none: the answer of a search that cannot begin any more.
    private func answer<Answer: Sendable>(
        otherwise none: Answer,
        search: @escaping @Sendable (Searches, _ share: Int, _ reply: @escaping (Answer) -> Void) -> Void,
        abandon: @escaping @Sendable (Searches, _ share: Int) -> Void
    ) async -> Answer {
        let share = shares.add(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOpen = onLoop { search($0, share) { continuation.resume(returning: $0) } }
                if !isOpen { continuation.resume(returning: none) }
                // A cancellation up to now may have been ahead of us; a later one is behind.
                if Task.isCancelled { onLoop { abandon($0, share) } }
            }
        } onCancel: {
            onLoop { abandon($0, share) }
        }
    }

    /// Runs on the loop, in the order of the calls; false once the end has begun.
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
        // The thread ends with its loop; that this could fail is only true of a loop that others have ended before.
        try? await group.shutdownGracefully()
    }
}
