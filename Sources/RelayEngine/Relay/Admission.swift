internal import NIOConcurrencyHelpers
internal import RelayCore
internal import RelayLimits
internal import Synchronization

/// The process-wide counts of connections and rooms, held to their limits, and the state of the drain.
///
/// Shared by the loops; touched when connections and rooms come and go, never for a message.
final class Admission: Sendable {
    private let maxConnections: Int
    private let maxRooms: Int
    private let connections = Atomic<Int>(0)
    private let rooms = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    /// The moment, by the monotonic clock, up to which another machine is believed to take new games.
    private let readyPeerUntil = Atomic<UInt64>(0)
    private let misses: NIOLockedValueBox<MissLimiter>
    private let empty = AsyncStream<Void>.makeStream()

    init(maxConnections: Int, maxRooms: Int, missesPerMinute: Int) {
        self.maxConnections = maxConnections
        self.maxRooms = maxRooms
        misses = NIOLockedValueBox(MissLimiter(perMinute: missesPerMinute))
    }

    var webSockets: Int { connections.load(ordering: .relaxed) }
    var roomCount: Int { rooms.load(ordering: .relaxed) }
    var isDraining: Bool { draining.load(ordering: .sequentiallyConsistent) }

    var readiness: Readiness {
        Readiness(
            isDraining: isDraining, connections: webSockets, maxConnections: maxConnections, rooms: roomCount,
            maxRooms: maxRooms)
    }

    /// - Returns: false if the limit of connections is reached.
    func admitConnection() -> Bool {
        let (before, _) = connections.add(1, ordering: .relaxed)
        guard maxConnections > 0, before >= maxConnections else { return true }
        connections.subtract(1, ordering: .relaxed)
        return false
    }

    func connectionEnded() {
        connections.subtract(1, ordering: .relaxed)
    }

    func admitRoom() throws(RelayError) {
        // Counted before the flag is read, and the drain reads in the other order: one of them sees the other.
        let (before, _) = rooms.add(1, ordering: .sequentiallyConsistent)
        if isDraining {
            roomEnded()
            throw .serverDraining
        }
        if maxRooms > 0, before >= maxRooms {
            roomEnded()
            throw .serverFull
        }
    }

    func roomEnded() {
        let (_, after) = rooms.subtract(1, ordering: .sequentiallyConsistent)
        if after == 0, isDraining { empty.continuation.finish() }
    }

    func beginDrain() {
        draining.store(true, ordering: .sequentiallyConsistent)
        if rooms.load(ordering: .sequentiallyConsistent) == 0 { empty.continuation.finish() }
    }

    /// Notes that another machine takes new games, or that none is known to.
    ///
    /// - Parameter end: the moment up to which that holds unless it is noted again; 0 if none is known.
    func noteReadyPeer(until end: UInt64) {
        readyPeerUntil.store(end, ordering: .relaxed)
    }

    func drainState(now: UInt64) -> DrainState {
        DrainState(isDraining: isDraining, hasReadyPeer: now < readyPeerUntil.load(ordering: .relaxed))
    }

    /// Returns when the drain has begun and no room is left, or the task is cancelled.
    func drained() async {
        for await _ in empty.stream {}
    }

    /// Nanoseconds until this caller may be told about a code again; 0 if it may.
    func waitForMisses(of caller: Caller, now: UInt64) -> UInt64 {
        guard caller.standing != .trusted else { return 0 }
        return misses.withLockedValue { $0.nanosecondsUntilReady(caller, now: now) }
    }

    /// Pays for a miss before anybody looks; false if this caller has asked for too many unknown codes.
    func payMiss(of caller: Caller, now: UInt64) -> Bool {
        guard caller.standing != .trusted else { return true }
        return misses.withLockedValue { $0.pay(caller, now: now) }
    }

    func giveBackMiss(_ outcome: MissLimiter.Outcome, to caller: Caller, now: UInt64) {
        guard caller.standing != .trusted else { return }
        misses.withLockedValue { $0.giveBack(outcome, to: caller, now: now) }
    }
}
