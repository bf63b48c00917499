package import RelayCore
internal import RelayWire

/// Finds the machine in our region that holds a room; nil if none does, or nobody can tell.
///
/// It comes to an end by itself within seconds, and at once when its task is cancelled.
package typealias LocateRoom = @Sendable (RoomCode) async -> InstanceID?

extension RelayLoop {
    /// Serves a room of our region if it is here, and else sends the request to the sibling that has it.
    ///
    /// To be called on the loop to which the room would belong.
    func findRoom(
        _ code: RoomCode, for request: Request, in bytes: Span<UInt8>, of connection: Connection, on loop: SocketLoop
    ) -> RequestOutcome {
        guard rooms[code] == nil, let locate = shared.locate else {
            return serve(request, in: bytes, of: connection, on: loop)
        }
        let address = clientAddress(request.head, in: bytes, of: connection)
        switch connection.errand {
        case .none, .under:
            // Who has guessed too many codes is answered from here, and costs the siblings nothing.
            guard !shared.admission.hasMissedTooMuch(address, now: loop.now) else { break }
            return .park {
                SiblingAnswer(await locate(code))
            } ifAbandoned: { [shared, unowned loop] in
                // It has cost the siblings as much as an answered one; else a guesser would only have to hang up.
                if !shared.admission.recordMiss(from: address, now: loop.now) { loop.struck(.missesPerMinute) }
            }
        case .done(let answer):
            if let sibling = (answer as? SiblingAnswer)?.instance { return replay(.instance(sibling), .sibling) }
            // A plain request counts its miss where it is answered.
            guard request.upgrade != nil else { break }
            if !shared.admission.recordMiss(from: address, now: loop.now) { loop.struck(.missesPerMinute) }
        }
        return serve(request, in: bytes, of: connection, on: loop)
    }
}

/// What the siblings said of a room. Immutable, so that it may cross.
final class SiblingAnswer: ConnectionCargo {
    /// The machine that has it.
    let instance: InstanceID?

    init(_ instance: InstanceID?) {
        self.instance = instance
    }
}
