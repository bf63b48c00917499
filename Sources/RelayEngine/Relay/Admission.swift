internal import NIOConcurrencyHelpers
internal import RelayCore
internal import RelayLimits
internal import Synchronization

/// The process-wide counts of connections and rooms, in all and by address, held to their limits; the misses of each
/// address; and the state of the drain.
///
/// Shared by the loops; touched when connections and rooms come and go, never for a message.
final class Admission: Sendable {
    private let maxConnections: Int
    private let maxRooms: Int
    private let connections = Atomic<Int>(0)
    private let rooms = Atomic<Int>(0)
    /// Those of the rooms that have no connection.
    private let dormantRooms = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)
    /// The moment, by the monotonic clock, up to which another machine is believed to take new games.
    private let readyPeerUntil = Atomic<UInt64>(0)
    private let connectionsByAddress: NIOLockedValueBox<AddressCounts>
    private let roomsByAddress: NIOLockedValueBox<AddressCounts>
    private let misses: NIOLockedValueBox<MissLimiter>
    private let empty = AsyncStream<Void>.makeStream()

    init(
        maxConnections: Int, maxRooms: Int, missesPerMinute: Int, maxConnectionsPerAddress: Int = 0,
        maxRoomsPerAddress: Int = 0
    ) {
        self.maxConnections = maxConnections
        self.maxRooms = maxRooms
        connectionsByAddress = NIOLockedValueBox(AddressCounts(most: maxConnectionsPerAddress))
        roomsByAddress = NIOLockedValueBox(AddressCounts(most: maxRoomsPerAddress))
        misses = NIOLockedValueBox(MissLimiter(perMinute: missesPerMinute))
    }

    var webSockets: Int { connections.load(ordering: .relaxed) }
    /// The rooms that have members.
    var roomCount: Int { max(rooms.load(ordering: .relaxed) - dormantCount, 0) }
    var dormantCount: Int { max(dormantRooms.load(ordering: .relaxed), 0) }
    /// True if one more room takes the place of a dormant one.
    var isFullOfRooms: Bool { maxRooms > 0 && rooms.load(ordering: .relaxed) >= maxRooms }
    var isDraining: Bool { draining.load(ordering: .sequentiallyConsistent) }

    var readiness: Readiness {
        Readiness(
            isDraining: isDraining, connections: webSockets, maxConnections: maxConnections, rooms: roomCount,
            maxRooms: maxRooms)
    }

    /// Counts a WebSocket, of nobody or of this caller, or throws what it is refused for.
    func admitConnection(of caller: Caller? = nil) throws(Refusal) {
        guard Admission.count(caller, in: connectionsByAddress) else { throw .limit(.connectionsPerAddress) }
        let (before, _) = connections.add(1, ordering: .relaxed)
        guard maxConnections > 0, before >= maxConnections else { return }
        connectionEnded(of: caller)
        throw .limit(.connections)
    }

    func connectionEnded(of caller: Caller? = nil) {
        connections.subtract(1, ordering: .relaxed)
        Admission.uncount(caller, in: connectionsByAddress)
    }

    /// Counts a room, created by nobody or by this caller, or throws what it is refused for.
    func admitRoom(of creator: Caller? = nil) throws(Refusal) {
        guard Admission.count(creator, in: roomsByAddress) else { throw .limit(.roomsPerAddress) }
        // Counted before the flag is read, and the drain reads in the other order: one of them sees the other.
        let (before, _) = rooms.add(1, ordering: .sequentiallyConsistent)
        if isDraining {
            roomEnded(of: creator)
            throw .draining
        }
        if maxRooms > 0, before >= maxRooms {
            roomEnded(of: creator)
            throw .limit(.rooms)
        }
    }

    func roomEnded(of creator: Caller? = nil) {
        Admission.uncount(creator, in: roomsByAddress)
        let (_, after) = rooms.subtract(1, ordering: .sequentiallyConsistent)
        if after == 0, isDraining { empty.continuation.finish() }
    }

    /// Counts rooms that have become dormant; negative for those that are so no more.
    func dormantRoomsChanged(by change: Int) {
        dormantRooms.add(change, ordering: .relaxed)
    }

    private static func count(_ caller: Caller?, in counts: NIOLockedValueBox<AddressCounts>) -> Bool {
        guard let caller, caller.isBounded else { return true }
        return counts.withLockedValue { $0.add(caller.address) }
    }

    private static func uncount(_ caller: Caller?, in counts: NIOLockedValueBox<AddressCounts>) {
        guard let caller, caller.isBounded else { return }
        counts.withLockedValue { $0.remove(caller.address) }
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

extension Admission {
    /// The reason for which a connection or a room is refused.
    enum Refusal: Error {
        case draining
        case limit(Limit)
    }
}
