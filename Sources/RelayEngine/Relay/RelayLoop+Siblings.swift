package import RelayCore

/// Finds the machine in our region that holds a room; nil if none does, or nobody can tell.
///
/// It comes to an end by itself within seconds, and at once when its task is cancelled.
package typealias LocateRoom = @Sendable (RoomCode) async -> InstanceID?

extension RelayLoop {
    /// Serves a room of our region if it is here, and else sends the request to the sibling that has it.
    ///
    /// To be called on the loop to which the room would belong.
    func findRoom(_ code: RoomCode, for request: Request, on loop: Loop) -> Outcome {
        guard rooms[code] == nil, let locate = shared.locate else { return serve(request, on: loop) }
        // Who has guessed too many codes is answered from here, and costs the siblings nothing.
        guard !shared.admission.hasMissedTooMuch(request.address, now: loop.now) else {
            return serve(request, on: loop)
        }
        return .park(
            Parking {
                await locate(code)
            } resume: { [unowned self] answer, _, loop in
                searched(for: code, foundAt: answer ?? nil, request: request, on: loop)
            } ifAbandoned: { [unowned self, unowned loop] in
                // It has cost the siblings as much as an answered one; else a guesser would only have to hang up.
                if !shared.admission.recordMiss(from: request.address, now: loop.now) {
                    limitExceeded(.missesPerMinute, on: loop)
                }
            })
    }

    /// Sends the request to the sibling that has the room. Without one it is served here, as things are now: while the
    /// siblings were asked the room may have been created, or the loop have begun to end.
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
