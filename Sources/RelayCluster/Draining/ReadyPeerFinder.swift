internal import NIOCore

/// Finds out whether another machine takes new games, with one search for all who ask at the same time.
///
/// Nothing is remembered: a drain asks now and then, and wants to know how things are now. Loop-bound.
final class ReadyPeerFinder {
    typealias Reply = (Bool) -> Void

    private let loop: any EventLoop
    private let limits: ClusterLimits
    private let directory: PeerDirectory
    private let telemetry: ClusterTelemetry
    private var lookup: ReadyPeerLookup?
    private var replies: [Int: Reply] = [:]

    init(in directory: PeerDirectory, limits: ClusterLimits, on loop: any EventLoop, telemetry: ClusterTelemetry) {
        self.directory = directory
        self.limits = limits
        self.loop = loop
        self.telemetry = telemetry
    }

    /// Calls back with whether some other machine of the app takes new games. `share` names this caller among all.
    func find(share: Int, reply: @escaping Reply) {
        loop.assertInEventLoop()
        replies[share] = reply
        guard lookup == nil else { return }
        let lookup = ReadyPeerLookup(in: directory, on: loop, limits: limits, telemetry: telemetry)
        self.lookup = lookup
        lookup.start { [unowned self] in ended($0) }
    }

    /// The caller waits no more, and is told no. With the last one the search ends.
    func abandon(share: Int) {
        guard let reply = replies.removeValue(forKey: share) else { return }
        if replies.isEmpty { lookup?.end(false) }
        reply(false)
    }

    /// Ends everything: whoever waits is told no.
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
