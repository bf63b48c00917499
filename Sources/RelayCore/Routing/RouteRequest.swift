/// The properties of a request that routing depends on.
package struct RouteRequest: Hashable, Sendable {
    package var target: RequestTarget
    /// True if the request asks for a WebSocket. Endpoints without WebSockets ignore it.
    package var isUpgrade: Bool
    /// The machine that answered with a replay (`fly-replay-src` is present); nil for a request that was not replayed.
    package var replaySource: FlyReplaySource?
    /// True if this machine's replay could not be delivered and came back (`fly-replay-failed` is present).
    package var isFallback: Bool
    /// True if the request came from a private address and shows no trace of a proxy: a sibling or an operator sent it.
    package var isDirect: Bool

    package init(
        target: RequestTarget, isUpgrade: Bool, replaySource: FlyReplaySource?, isFallback: Bool, isDirect: Bool
    ) {
        self.target = target
        self.isUpgrade = isUpgrade
        self.replaySource = replaySource
        self.isFallback = isFallback
        self.isDirect = isDirect
    }

    package var isReplayed: Bool { replaySource != nil }

    /// True if a machine that has handed the room over may send the request on, even if it was replayed before: to the
    /// pin of its client, or to the region of its code. That happens once.
    package var mayBeSentToNewHome: Bool { !isFallback && replaySource?.isFromFormerHome != true }

    /// True if a sibling asks whether the room is here. This relay pins its probes; the original's probes have no
    /// pin, and are told from a player's request because they passed no proxy. A probe never causes another.
    package func isProbe(of identity: RoutingIdentity) -> Bool {
        guard identity.isRoutingOn, case .room = target.endpoint else { return false }
        let isForUs = target.pin == nil || target.pin == identity.instance?.text
        return isDirect && !isUpgrade && isForUs && !isReplayed && !isFallback
    }
}
