/// What routing needs to know of a request.
package struct RouteRequest: Hashable, Sendable {
    package var target: RequestTarget
    /// The request asks for a WebSocket. Where none can be opened, the header is ignored.
    package var isUpgrade: Bool
    /// Another machine answered with a replay (`fly-replay-src` is there).
    package var isReplayed: Bool
    /// The replay of this machine could not be delivered and came back (`fly-replay-failed` is there).
    package var isFallback: Bool

    package init(target: RequestTarget, isUpgrade: Bool, isReplayed: Bool, isFallback: Bool) {
        self.target = target
        self.isUpgrade = isUpgrade
        self.isReplayed = isReplayed
        self.isFallback = isFallback
    }
}
