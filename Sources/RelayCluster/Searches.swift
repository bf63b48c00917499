internal import NIOCore
internal import RelayCore

/// The lookups and handovers that run on the cluster's loop, and the directory that they share.
struct Searches {
    let rooms: RoomLocator
    let readyPeers: ReadyPeerFinder
    let handovers: RoomHandovers
    private let directory: PeerDirectory

    init(
        _ configuration: ClusterConfiguration, names: any NameLookup, limits: ClusterLimits, on loop: any EventLoop,
        telemetry: ClusterTelemetry
    ) {
        directory = PeerDirectory(configuration, names: names, times: limits.names, on: loop, telemetry: telemetry)
        let sockets = SocketBudget(limits.sockets)
        rooms = RoomLocator(in: directory, limits: limits, sockets: sockets, on: loop, telemetry: telemetry)
        readyPeers = ReadyPeerFinder(in: directory, limits: limits, sockets: sockets, on: loop, telemetry: telemetry)
        handovers = RoomHandovers(in: directory, limits: limits, on: loop, telemetry: telemetry)
    }

    /// The machines as any thread may read them.
    var board: MachineBoard { directory.board }

    /// Asks for the list of machines if it has become old, or for the first time.
    func refreshList() {
        directory.refresh()
    }

    /// Ends everything. Await the returned tasks before the loop ends.
    func stop() -> [Task<Void, Never>] {
        rooms.stop()
        readyPeers.stop()
        handovers.stop()
        return directory.stop()
    }
}
