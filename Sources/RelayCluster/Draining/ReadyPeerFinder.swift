internal import NIOCore

/// Finds out whether another machine takes new games, with one lookup shared by all concurrent callers.
///
/// Nothing is cached: a drain asks now and then, and needs the current state. Loop-bound.
final class ReadyPeerFinder {
    typealias Reply = (Bool) -> Void

    private let loop: any EventLoop
    private let limits: ClusterLimits
    private let directory: PeerDirectory
    private let sockets: SocketBudget
    private let telemetry: ClusterTelemetry
    private var lookup: ReadyPeerLookup?
    private var replies: [Int: Reply] = [:]

    init(
        in directory: PeerDirectory, limits: ClusterLimits, sockets: SocketBudget, on loop: any EventLoop,
        telemetry: ClusterTelemetry
    ) {
        self.directory = directory
        self.sockets = sockets
        self.limits = limits
        self.loop = loop
        self.telemetry = telemetry
    }

    /// Calls back with true if another machine of the app takes new games. `share` identifies the caller.
    func find(share: Int, reply: @escaping Reply) {
        loop.assertInEventLoop()
        replies[share] = reply
        guard lookup == nil else { return }
        let lookup = ReadyPeerLookup(
            in: directory, limits: limits, sockets: sockets, on: loop, telemetry: telemetry)
        self.lookup = lookup
        lookup.start { [unowned self] in ended($0) }
    }

    /// Ends a caller's wait with false. When the last caller has left, the lookup ends.
    func abandon(share: Int) {
        guard let reply = replies.removeValue(forKey: share) else { return }
        if replies.isEmpty { lookup?.end(false) }
        reply(false)
    }

    /// Ends the lookup; all callers get false.
    func stop() {
        lookup?.end(false)
    }

    private func ended(_ answer: Bool) {
        lookup = nil
        let replies = replies.values
        self.replies = [:]
        for reply in replies { reply(answer) }
    }
}
