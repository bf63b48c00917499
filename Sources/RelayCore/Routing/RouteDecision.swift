/// The routing decision for a request: the only routing rule of the relay.
package enum RouteDecision: Hashable, Sendable {
    /// Answer the request here.
    case serve
    /// Answer 409 with this replay, and do not upgrade.
    case replay(FlyReplay)
    /// Answer 302 with this location: the pin names no machine that can answer.
    case redirect(location: String)
    /// The room belongs to our region. Serve the request here if the room is here; otherwise ask the siblings, and
    /// replay to the one that has it. Serve it here if no sibling has it, or none can be asked.
    case findRoom(RoomCode)

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
        if let pin = request.target.pin, pin == identity.instance?.text { return .serve }
        if let pin = request.target.pin, !request.isPinOfMachineGone(isListed) { return follow(pin, of: request) }
        if drain.sendsNewGamesElsewhere, request.mayStartNewGame, request.mayBeReplayed { return .replay(.elsewhere) }
        guard let code = request.target.endpoint.homeOfRoom else { return .serve }
        if identity.isOneRegion { return request.mayBeSearchedFor(by: identity) ? .findRoom(code) : .serve }
        guard let ours = identity.region, let home = code.home else { return .serve }
        if home == ours {
            return request.mayBeSearchedFor(by: identity, in: ours) ? .findRoom(code) : .serve
        }
        return request.mayBeReplayed ? .replay(.region(home)) : .serve
    }

    /// Decides for a pin to another machine. The pin is stale if its machine cannot be reached or is not a machine:
    /// then a page is redirected to itself without the pin, and a game is let in here rather than turned away.
    private static func follow(_ pin: String, of request: RouteRequest) -> RouteDecision {
        if request.mayBeReplayed, let instance = InstanceID(pin) {
            return .replay(.instance(instance))
        }
        let opensWebSocket = request.isUpgrade && request.target.endpoint.acceptsUpgrade
        return opensWebSocket ? .serve : .redirect(location: request.target.locationWithoutPin)
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

    /// No sibling has been asked yet about a request that another region replayed here. One replayed from our own
    /// region was sent by a sibling that has asked them, and one that came back as a fallback met a replay that
    /// failed: another replay would send them in circles. And a sibling's probe must not cause a probe back.
    fileprivate func mayBeSearchedFor(by identity: RoutingIdentity, in ours: Region) -> Bool {
        !isProbe(of: identity) && !isFallback && replaySource?.region != ours
    }

    /// The same where all machines are one region: whoever replayed the request has asked the siblings.
    fileprivate func mayBeSearchedFor(by identity: RoutingIdentity) -> Bool {
        !isProbe(of: identity) && !isFallback && !isReplayed
    }
}
