internal import RelayWire

/// One client: its connection, and how far it is with it.
final class Member {
    enum Phase {
        /// There is no connection.
        case away
        /// Until the answer to the upgrade.
        case upgrading
        /// Until the answer to `create` or `join`.
        case entering
        /// In the room; without one, open.
        case seated
        /// Has said goodbye.
        case leaving
    }

    let room: Room
    /// Among the room's members.
    let position: Int
    /// Among all of the loop's.
    let index: Int
    let clientID: String

    var descriptor: Int32 = -1
    var phase = Phase.away
    /// The slot it was given, which outlives the connection; -1 before.
    var slot = -1
    var openedAt: UInt64 = 0

    /// What the loop sends of its own accord: the request, the way in, pongs.
    var control: [UInt8] = []
    var controlSent = 0
    /// Bytes of its repeated frame that are still to be sent, and how much of the first of these frames has been.
    var trafficLeft = 0
    var trafficOffset = 0
    var waitsToWrite = false
    /// Noted for the end of the turn.
    var isDirty = false

    var scanner = FrameScanner()
    /// The start of a frame that has not arrived whole.
    var rest: [UInt8] = []

    /// Of a guest: messages that it has heard from the host, and messages that the host has heard from it.
    private(set) var heard = 0
    private(set) var heardByHost = 0
    var flow = WindowedFlow(window: 0, receivers: 0)

    init(room: Room, position: Int, index: Int, clientID: String) {
        self.room = room
        self.position = position
        self.index = index
        self.clientID = clientID
    }

    var isHost: Bool { position == 0 }
    var isOpening: Bool { phase == .upgrading || phase == .entering }

    /// Counts messages between the host and a guest, in either direction.
    ///
    /// - Returns: their numbers among those that the receiver has from this sender.
    @inline(__always)
    static func count(_ count: Int, from sender: Member, to receiver: Member) -> Range<Int> {
        if receiver.isHost {
            sender.heardByHost += count
            return sender.heardByHost - count..<sender.heardByHost
        }
        receiver.heard += count
        return receiver.heard - count..<receiver.heard
    }

    /// Forgets all that belongs to one connection.
    func reset() {
        descriptor = -1
        phase = .away
        control.removeAll(keepingCapacity: true)
        (controlSent, trafficLeft, trafficOffset) = (0, 0, 0)
        waitsToWrite = false
        scanner = FrameScanner()
        rest.removeAll(keepingCapacity: true)
    }
}
