/// Where a request is answered: the one routing rule of the relay.
package enum RouteDecision: Hashable, Sendable {
    /// Answer it here.
    case serve
    /// Answer 409 with this replay, and do not upgrade.
    case replay(FlyReplay)
    /// Answer 302 with this location: the pin names no machine that could answer.
    case redirect(location: String)
    /// A room of our region. Serve it here if it is here; else ask the siblings, and replay to the one that has it;
    /// serve it here if none has, or none can be asked.
    case findRoom(RoomCode)

    /// Decides in this order: a pin to another machine, what is never routed, new games while this machine drains, the
    /// region that the code names.
    package static func decide(
        _ request: RouteRequest, at identity: RoutingIdentity, drain: DrainState
    ) -> RouteDecision {
        guard identity.isRoutingOn else { return .serve }
        if let pin = request.target.pin {
            return pin == identity.instance?.text ? .serve : follow(pin, of: request)
        }
        if drain.sendsNewGamesElsewhere, request.mayStartNewGame, request.mayBeReplayed { return .replay(.elsewhere) }
        guard let ours = identity.region, let code = request.target.endpoint.homeOfRoom, let home = code.home else {
            return .serve
        }
        if home == ours {
            return request.mayBeSearchedFor(in: ours) ? .findRoom(code) : .serve
        }
        return request.mayBeReplayed ? .replay(.region(home)) : .serve
    }

    /// Decides for a pin that is not ours. It is stale if its machine cannot be reached, or is no machine at all:
    /// then a page is asked for again without it, and a game is let in here rather than turned away.
    private static func follow(_ pin: String, of request: RouteRequest) -> RouteDecision {
        if request.mayBeReplayed, let instance = InstanceID(pin) {
            return .replay(.instance(instance))
        }
        let opensWebSocket = request.isUpgrade && request.target.endpoint.acceptsUpgrade
        return opensWebSocket ? .serve : .redirect(location: request.target.locationWithoutPin)
    }
}

extension RouteRequest {
    /// Not yet: a replay is never answered with another to the same effect, and a fallback with none at all.
    fileprivate var mayBeReplayed: Bool { !isReplayed && !isFallback }

    /// A WebSocket without a room in its path: its player will create one, or has come to one that it does not name.
    fileprivate var mayStartNewGame: Bool { isUpgrade && target.endpoint == .other }

    /// A request that was replayed to its region from another one has not met the siblings yet. One from our own region
    /// was sent by a sibling that has asked them, and one that came back has met a replay that failed: answering those
    /// with another would send them in circles. And a sibling that asks us must not make us ask back.
    fileprivate func mayBeSearchedFor(in ours: Region) -> Bool {
        !isProbe && !isFallback && replaySource?.region != ours
    }
}
