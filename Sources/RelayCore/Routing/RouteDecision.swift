/// The routing decision for a request: the only routing rule of the relay.
package enum RouteDecision: Hashable, Sendable {
    /// Answer the request here.
    case serve
    /// Answer 409 with this replay, and do not upgrade.
    case replay(FlyReplay)
    /// Answer 302 with this location: the pin names no machine that can answer.
    case redirect(location: String)
    /// The room belongs to our region. Serve the request here if the room is here; otherwise ask the siblings, and do
    /// this if one has it. Serve it here if none has.
    case findRoom(RoomCode, ifFound: NextStep)

    /// What to do with a request for a room that a sibling has.
    package enum NextStep: Hashable, Sendable {
        /// Replay it there.
        case replay
        /// Replay it there, marked: it has come here because the room was here.
        case replayToNewHome
    }

    /// Decides in this order: a pin to another machine, requests that are never routed, new games during a drain, the
    /// code's home region.
    ///
    /// A machine that is gone may have handed its rooms over, so a pin to one does not count where a code tells more.
    ///
    /// - Parameter isListed: false for a machine that the list of machines, if there is a recent one, does not name.
    package static func decide(
        _ request: RouteRequest, at identity: RoutingIdentity, drain: DrainState, isListed: (InstanceID) -> Bool?
    ) -> RouteDecision {
        guard identity.isRoutingOn else { return .serve }
        if let pin = request.target.pin {
            if pin == identity.instance?.text { return serveUnlessMoved(request, at: identity) }
            if !request.isPinOfMachineGone(isListed) { return follow(pin, of: request, at: identity) }
        }
        if drain.sendsNewGamesElsewhere, request.mayStartNewGame, request.mayBeReplayed { return .replay(.elsewhere) }
        guard let code = request.target.endpoint.homeOfRoom else { return .serve }
        if !identity.isHome(of: code), identity.region != nil, let home = code.home, request.mayBeReplayed {
            return .replay(.region(home))
        }
        return search(for: request, at: identity)
    }

    /// Decides for a pin to this machine. The room of a player may have been here, and be on a sibling now; whoever has
    /// replayed the request did so for the pin alone, and has asked nobody.
    private static func serveUnlessMoved(_ request: RouteRequest, at identity: RoutingIdentity) -> RouteDecision {
        guard let code = request.target.endpoint.homeOfRoom, identity.isHome(of: code), request.opensWebSocket,
            request.mayBeSentToNewHome
        else { return .serve }
        return .findRoom(code, ifFound: .replayToNewHome)
    }

    /// Decides for a pin to another machine. The pin is stale if its machine cannot be reached or is not a machine:
    /// then a page is redirected to itself without the pin, and a game is let in here rather than turned away.
    private static func follow(
        _ pin: String, of request: RouteRequest, at identity: RoutingIdentity
    ) -> RouteDecision {
        if request.mayBeReplayed, let instance = InstanceID(pin) {
            return .replay(.instance(instance))
        }
        guard request.opensWebSocket else { return .redirect(location: request.target.locationWithoutPin) }
        return search(for: request, at: identity)
    }

    /// Decides by the code alone, at the home of the room.
    ///
    /// No sibling has been asked yet about a request that another region replayed here. One replayed from our own
    /// region was sent by a sibling that has asked them, and one that came back as a fallback met a replay that failed:
    /// another replay would send them in circles. And a sibling's probe must not cause a probe back.
    private static func search(for request: RouteRequest, at identity: RoutingIdentity) -> RouteDecision {
        guard let code = request.target.endpoint.homeOfRoom, identity.isHome(of: code),
            !request.isProbe(of: identity), !request.isFallback, !request.isReplayed(within: identity)
        else { return .serve }
        return .findRoom(code, ifFound: .replay)
    }
}

extension RouteRequest {
    /// True if the path names a room, and the pin a machine that is no more.
    fileprivate func isPinOfMachineGone(_ isListed: (InstanceID) -> Bool?) -> Bool {
        guard !isFallback, target.endpoint.homeOfRoom != nil, let pin = target.pin.flatMap(InstanceID.init) else {
            return false
        }
        return isListed(pin) == false
    }

    /// A replayed request is never replayed again to the same effect, and a fallback not at all.
    fileprivate var mayBeReplayed: Bool { !isReplayed && !isFallback }

    /// An upgrade without a room in its path: its player will create one, or join one that the path does not name.
    fileprivate var mayStartNewGame: Bool { isUpgrade && target.endpoint == .other }

    /// True if it will be a WebSocket.
    fileprivate var opensWebSocket: Bool { isUpgrade && target.endpoint.acceptsUpgrade }

    /// True if a machine of our own region has replayed it.
    fileprivate func isReplayed(within identity: RoutingIdentity) -> Bool {
        identity.isOneRegion ? isReplayed : replaySource != nil && replaySource?.region == identity.region
    }
}

extension RoutingIdentity {
    /// True if the room's machine can only be this one or a sibling.
    fileprivate func isHome(of code: RoomCode) -> Bool {
        isOneRegion || region != nil && code.home == region
    }
}
