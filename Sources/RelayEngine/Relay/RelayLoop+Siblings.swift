package import RelayCore

/// Finds the machine in our region that holds a room; nil if none does, or none can be asked.
///
/// It returns within seconds, and at once when its task is cancelled.
package typealias LocateRoom = @Sendable (RoomCode) async -> InstanceID?

extension RelayLoop {
    /// Serves a room of our region if it is here, and otherwise replays the request to the sibling that has it.
    ///
    /// Called on the loop that would own the room.
    func findRoom(_ code: RoomCode, for request: Request, on loop: Loop) -> Outcome {
        guard rooms[code] == nil, let locate = shared.locate else { return serve(request, on: loop) }
        // A client that has guessed too many codes is answered from here, at no cost to the siblings.
        guard !shared.admission.hasMissedTooMuch(request.address, now: loop.now) else {
            return serve(request, on: loop)
        }
        return .park(
            Parking {
                await locate(code)
            } resume: { [unowned self] answer, _, loop in
                searched(for: code, foundAt: answer ?? nil, request: request, on: loop)
            } ifAbandoned: { [unowned self, unowned loop] in
                // It has cost the siblings as much as an answered one; otherwise guessing would be free for a
                // client that hangs up.
                if !shared.admission.recordMiss(from: request.address, now: loop.now) {
                    limitExceeded(.missesPerMinute, on: loop)
                }
            })
    }

    /// Replays the request to the sibling that has the room; without one it is served here. During the lookup the room
    /// may have been created, or the loop's shutdown have begun.
    private func searched(
        for code: RoomCode, foundAt sibling: InstanceID?, request: Request, on loop: Loop
    ) -> Outcome {
        if let sibling, rooms[code] == nil { return replay(.instance(sibling), .sibling) }
        // A plain request counts its miss where it is answered.
        if request.upgrade != nil, !shared.admission.recordMiss(from: request.address, now: loop.now) {
            limitExceeded(.missesPerMinute, on: loop)
        }
        return serve(request, on: loop)
    }
}
