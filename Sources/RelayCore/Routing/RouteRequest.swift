/// What routing needs to know of a request.
package struct RouteRequest: Hashable, Sendable {
    package var target: RequestTarget
    /// The request asks for a WebSocket. Where none can be opened, the header is ignored.
    package var isUpgrade: Bool
    /// Another machine answered with a replay (`fly-replay-src` is there); this is what is known of it.
    package var replaySource: FlyReplaySource?
    /// The replay of this machine could not be delivered and came back (`fly-replay-failed` is there).
    package var isFallback: Bool
    /// It came from a private address, and no proxy has left a mark on it: a sibling sent it, or an operator.
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

    /// A sibling asks whether the room is here. Ours pin their probes; those of the original carry no pin, and are told
    /// from a player's request by having come past no proxy. A probe never causes another.
    package var isProbe: Bool {
        guard case .room = target.endpoint else { return false }
        return isDirect && !isUpgrade && target.pin == nil && !isReplayed && !isFallback
    }
}
