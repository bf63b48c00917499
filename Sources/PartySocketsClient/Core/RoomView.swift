/// What a member knows of its room and of its connection.
struct RoomView: Hashable, Sendable {
    var code: String
    var index: Int
    /// The other connected members, ascending.
    var peers: [Int]
    /// Members who are not connected and may come back, ascending.
    var away: [Int]
    var url: String?
    var instance: String?
    var region: String?
    var maxClients: Int?
    var hold: Duration?
    var state: RawJSON?
    var rtt: Duration?
    var connection = Room.Connection.open

    /// Whether the relay knows the protocol's additions.
    var hasAdditions: Bool { maxClients != nil }

    init(_ entrance: ServerMessage.Entrance) {
        code = entrance.code
        index = entrance.index
        peers = entrance.peers.sorted()
        away = entrance.away.sorted()
        url = entrance.url
        instance = entrance.instance
        region = entrance.region
        maxClients = entrance.maxClients
        hold = entrance.hold.map { Duration.seconds($0) }
    }

    /// The same member is in its room again.
    mutating func update(_ entrance: ServerMessage.Entrance) {
        var new = RoomView(entrance)
        // Who has gone for good meanwhile nobody tells.
        new.away = Set(away).union(peers).union(new.away).subtracting(new.peers).subtracting([new.index]).sorted()
        // An old relay says nothing of the room's machine to who joins.
        new.instance = entrance.instance ?? instance
        new.region = entrance.region ?? region
        new.url = new.url ?? url
        new.state = state
        new.rtt = rtt
        self = new
    }

    /// A member has connected.
    mutating func joined(_ peer: Int) {
        away.removeAll { $0 == peer }
        if !peers.contains(peer) { peers = (peers + [peer]).sorted() }
    }

    /// A member's connection has ended.
    mutating func left(_ peer: Int, forGood: Bool) {
        peers.removeAll { $0 == peer }
        if !forGood, !away.contains(peer) { away = (away + [peer]).sorted() }
    }

    mutating func measured(_ roundTrip: Duration) {
        rtt = rtt.map { ($0 * 7 + roundTrip) / 8 } ?? roundTrip
    }
}
