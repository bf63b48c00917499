package import RelayCore

/// Finds the machine in our region that holds a room.
///
/// It returns within seconds, and at once when its task is cancelled.
package typealias LocateRoom = @Sendable (RoomCode) async -> RoomLocation

/// Whether the list of the cluster's machines names this one; nil if nobody can tell.
package typealias IsListed = @Sendable (InstanceID) -> Bool?

/// The machines of our region as they were listed last; nil while nothing is known of them. Callable from any thread.
package typealias RegionRendezvous = @Sendable () -> Rendezvous?

extension RelayLoop {
    /// Serves a room of our region if it is here, and otherwise replays the request to the sibling that has it.
    ///
    /// Called on the loop that would own the room.
    func find(_ search: RoomSearch, for request: Request, on loop: Loop) -> Outcome {
        let code = search.code
        guard rooms[code] == nil, let locate = shared.locate else { return serve(request, on: loop) }
        // Paid for before the siblings are asked: many requests at once are no way around the limit, nor are clients
        // that hang up before the answer.
        guard shared.admission.payMiss(of: request.caller, now: loop.now) else {
            return refuseSearch(for: code, request: request, on: loop)
        }
        return .park(
            Parking {
                await locate(code)
            } resume: { [unowned self] location, _, loop in
                searched(for: search, foundAt: location ?? .unknown, request: request, on: loop)
            })
    }

    /// Answers a caller above its limit, at no cost to the siblings, as if the room could be anywhere: an upgrade is
    /// served, since its client may have a slot in a room that is here, and its `join` is told.
    func refuseSearch(for code: RoomCode, request: Request, on loop: Loop) -> Outcome {
        guard request.upgrade == nil, case .room = request.endpoint else {
            var request = request
            request.search = .refused(code)
            return serve(request, on: loop)
        }
        return .respond(tooManyAttempts(by: request.caller, on: loop))
    }

    /// Asks the client to come again: a false no would end its game.
    func answerUnknown() -> Outcome {
        counters.unknownAnswers.add(1)
        return .respond(shared.service.unknown(retryAfter: 1))
    }

    /// Replays the request to the sibling that has the room; if none has it, it is served here. During the lookup the room
    /// may have been created, or the loop's shutdown have begun.
    private func searched(
        for search: RoomSearch, foundAt location: RoomLocation, request: Request, on loop: Loop
    ) -> Outcome {
        if rooms[search.code] != nil {
            shared.admission.giveBackMiss(.hit, to: request.caller, now: loop.now)
            return serve(request, on: loop)
        }
        switch location {
        case .sibling(let sibling):
            shared.admission.giveBackMiss(.hit, to: request.caller, now: loop.now)
            switch search.ifFound {
            case .replay: return replay(.instance(sibling), .sibling)
            case .replayToNewHome: return replay(.newHome(sibling), .newHome)
            }
        case .unknown:
            shared.admission.giveBackMiss(.unknown, to: request.caller, now: loop.now)
            // Whoever came because of its pin, or because a replay has failed, is let in where it is.
            if search.ifFound == .replay, request.asksForRoom { return answerUnknown() }
            var request = request
            request.search = .undecided(search.code)
            return serve(request, on: loop)
        case .nowhere:
            break
        }
        var request = request
        request.search = .paid(search.code)
        return serve(request, on: loop)
    }
}
