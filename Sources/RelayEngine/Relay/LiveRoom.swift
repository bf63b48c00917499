internal import RelayCore

/// A room with its members' connections. It belongs to one loop, as its members do.
final class LiveRoom {
    var state: Room<SeatedConnection>
    /// Where the creator came from: the room and its clients count there.
    let origin: OriginID
    let originLabel: String

    /// When the host's latest absence is too long; kept here so that a room has one timer, however often its host
    /// comes and goes.
    var graceEnd: UInt64 = 0
    /// Which of the host's absences that is about.
    var absence = 0
    var hasGraceTimer = false

    init(_ state: Room<SeatedConnection>, origin: OriginID, originLabel: String) {
        self.state = state
        self.origin = origin
        self.originLabel = originLabel
    }
}

/// A member's connection, without counting references for each message.
///
/// A room's member is in its loop's table, or in its graveyard until the end of the turn, so the reference is good:
/// a connection leaves its room before it leaves the table.
@safe struct SeatedConnection {
    private let reference: Unmanaged<RelayConnection>

    init(_ connection: RelayConnection) {
        unsafe reference = .passUnretained(connection)
    }

    /// For the few cases that keep the connection.
    var connection: RelayConnection { unsafe reference.takeUnretainedValue() }

    @inline(__always)
    func send(_ frames: UnsafeRawBufferPointer, on loop: RelayLoop.Loop) {
        unsafe reference._withUnsafeGuaranteedRef { unsafe loop.send(frames, to: $0) }
    }
}
