internal import NIOCore
internal import RelayCore

/// Finds the sibling that holds a room, with one lookup shared by all callers that ask for the same code.
///
/// Clients can ask for any code at any rate, so everything here is bounded: concurrent lookups, the questions of searches,
/// and the table of misses, which spares the siblings repeated requests. Loop-bound.
final class RoomLocator {
    typealias Reply = (RoomLocation) -> Void

    /// A lookup with its callers.
    private struct Shared {
        let lookup: RoomLookup
        var replies: [Int: Reply]
    }

    private let loop: any EventLoop
    private let limits: ClusterLimits
    private let directory: PeerDirectory
    private let links: SiblingLinks
    private let budget: SearchBudget
    private let telemetry: ClusterTelemetry
    private var misses: MissTable
    private var lookups: [RoomCode: Shared] = [:]
    /// The rendezvous of the last list, and that list.
    private var rendezvous = Rendezvous([])
    private var listed: [InstanceID] = []

    init(
        in directory: PeerDirectory, limits: ClusterLimits, sockets: SocketBudget, on loop: any EventLoop,
        telemetry: ClusterTelemetry
    ) {
        self.loop = loop
        self.limits = limits
        self.telemetry = telemetry
        self.directory = directory
        links = SiblingLinks(in: directory, limits: limits, sockets: sockets, on: loop, telemetry: telemetry)
        budget = SearchBudget(limits.searchQuestionsAtOnce)
        misses = MissTable(maxCount: limits.rememberedMisses)
        links.onSuspect = { [unowned self] sibling in
            for shared in lookups.values { shared.lookup.becameSuspect(sibling) }
        }
    }

    /// Calls back with what is known of the room. `share` identifies the caller.
    func locate(_ code: RoomCode, share: Int, reply: @escaping Reply) {
        loop.assertInEventLoop()
        if lookups[code] != nil {
            lookups[code]?.replies[share] = reply
        } else if let location = misses.location(of: code, now: .now()) {
            reply(location)
        } else if lookups.count >= limits.lookupsAtOnce {
            telemetry.lookupEnded(code, .refused, holder: nil, after: nil)
            reply(.unknown)
        } else {
            start(code, share: share, reply: reply)
        }
    }

    /// Ends a caller's wait without an answer. When the last caller has left, the lookup ends.
    func abandon(_ code: RoomCode, share: Int) {
        guard let reply = lookups[code]?.replies.removeValue(forKey: share) else { return }
        if let shared = lookups[code], shared.replies.isEmpty { shared.lookup.end(.cancelled) }
        reply(.unknown)
    }

    /// Ends all lookups and probes; no caller gets an answer.
    func stop() {
        for shared in lookups.values { shared.lookup.end(.cancelled) }
        links.stop()
    }

    private func start(_ code: RoomCode, share: Int, reply: @escaping Reply) {
        let lookup = RoomLookup(code, in: directory, with: links, budget: budget, on: loop, limits: limits) {
            [unowned self] in winner(among: $0, of: $1)
        }
        lookups[code] = Shared(lookup: lookup, replies: [share: reply])
        lookup.start { [unowned self] result, holder in ended(lookup, result, holder: holder) }
    }

    private func winner(among siblings: [InstanceID], of code: RoomCode) -> InstanceID? {
        if siblings != listed { (listed, rendezvous) = (siblings, Rendezvous(siblings)) }
        return rendezvous.winner(of: code)
    }

    private func ended(_ lookup: RoomLookup, _ result: ClusterStatistics.LookupResult, holder: InstanceID?) {
        telemetry.lookupEnded(lookup.code, result, holder: holder, after: .now() - lookup.began)
        if lookup.wasFirstRight(holder) { telemetry.firstWasRight() }
        // Only lookups that cost the siblings something are worth remembering; the DNS has a cache of its own.
        if let memory = memory(of: result), lookup.hasAsked {
            misses.remember(lookup.code, isConclusive: result == .notFound, until: .now() + memory)
        }
        guard let shared = lookups.removeValue(forKey: lookup.code) else { return }
        let location = holder.map { RoomLocation.sibling($0) } ?? (result == .notFound ? .nowhere : .unknown)
        for reply in shared.replies.values { reply(location) }
    }

    private func memory(of result: ClusterStatistics.LookupResult) -> TimeAmount? {
        switch result {
        case .notFound: limits.missMemory
        case .failed, .timedOut: limits.doubtfulMissMemory
        case .found, .refused, .cancelled: nil
        }
    }
}
