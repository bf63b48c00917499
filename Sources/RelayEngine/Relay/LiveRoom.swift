internal import RelayCore

/// A room with its members' connections. It belongs to one loop, as its members do.
final class LiveRoom {
    var state: Room<SeatedConnection>
    /// The creator's origin: the room and its clients are counted under it while there are any.
    var origin: Origin
    /// The client that created it: the room counts for its address. Nil for a room that was created elsewhere.
    let creator: Caller?
    // Every room has these, so small fields stand where no padding comes between.
    var hasGraceTimer = false
    /// True for a room that has arrived, and to which nobody has come yet.
    var isUnvisited = false
    /// True from its departure on, until another machine has it or it stays: its members are not read.
    var isDeparting = false
    var takeovers = TakeoverLimiter()
    /// Held so that it is free again when the room is gone.
    private let place: RoomPlace

    /// The end of the grace time of the host's latest absence; kept here so that a room has one timer, however often
    /// its host comes and goes.
    var graceEnd: UInt64 = 0
    /// The host's absence that the grace time belongs to.
    var absence = 0

    /// The number of changes to what travels.
    var changes = 0
    /// Those of them that the last record has.
    var recordedChanges = 0

    /// The part of `heldBytes` that the loop has counted.
    var countedBytes = 0

    /// The moment at which a dormant room ends; nil while it has members.
    var dormantEnd: UInt64? {
        get { dormantUntil > 0 ? dormantUntil : nil }
        set { dormantUntil = newValue ?? 0 }
    }
    private var dormantUntil: UInt64 = 0

    init(_ state: Room<SeatedConnection>, at place: RoomPlace, origin: Origin, creator: Caller?) {
        self.state = state
        self.place = place
        self.origin = origin
        self.creator = creator
    }

    /// The memory that the room takes: this object, and all that it refers to but its members' connections.
    var heldBytes: Int { LiveRoom.ownBytes + state.heldBytes + origin.heldBytes }

    /// The object itself, with its entries in the table of rooms and in the queue of timers.
    private static let ownBytes =
        HeapBlock.bytes(requested: HeapBlock.objectHeader + MemoryLayout<Room<SeatedConnection>>.stride + otherFields)
        + tableEntry + timerEntry
    private static let otherFields =
        MemoryLayout<Origin>.stride + MemoryLayout<Caller?>.stride + MemoryLayout<TakeoverLimiter>.stride
        + 7 * MemoryLayout<Int>.stride
    /// A table of 16 bytes an entry is between three eighths and three quarters full.
    private static let tableEntry = 32
    private static let timerEntry = 48
}

/// A member's connection, held without a counted reference, so that messages count none.
///
/// The reference is valid because a connection leaves its room before the table lets go of it: a member is in its
/// loop's table, or among those retired in this turn.
@safe struct SeatedConnection {
    private let reference: Unmanaged<RelayConnection>

    init(_ connection: RelayConnection) {
        unsafe reference = .passUnretained(connection)
    }

    /// The connection with a counted reference, for the few callers that keep it.
    var connection: RelayConnection { unsafe reference.takeUnretainedValue() }

    /// True for a member that understands more than the original protocol.
    var asksForMore: Bool {
        unsafe reference._withUnsafeGuaranteedRef { $0.relaySession.asksForMore }
    }

    @inline(__always)
    func send(_ frames: UnsafeRawBufferPointer, on loop: RelayLoop.Loop) {
        unsafe reference._withUnsafeGuaranteedRef { unsafe loop.send(frames, to: $0) }
    }

    @inline(__always)
    func send(length: Int, on loop: RelayLoop.Loop, _ write: (inout MutableRawSpan) -> Void) {
        unsafe reference._withUnsafeGuaranteedRef { loop.send(length: length, to: $0, write) }
    }

    func send(_ frame: inout LargeFrame, on loop: RelayLoop.Loop) {
        loop.send(&frame, to: connection)
    }

    /// - Returns: false if the snapshot has replaced another one, or goes nowhere.
    @inline(__always)
    func sendState(_ frame: inout LargeFrame, on loop: RelayLoop.Loop) -> Bool {
        unsafe reference._withUnsafeGuaranteedRef { loop.sendLatest(&frame, to: $0) }
    }
}
