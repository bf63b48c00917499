/// The parameters of one run, as given by the options.
struct LoadPlan: Sendable {
    var shape: Shape
    var url: ServerURL
    /// Source addresses, used in turn; empty lets the system choose.
    var sources: [String] = []
    var rooms = 50
    /// Members of each room, including the host; 0 for connections that enter no room.
    var members = 4
    /// Guests of each room that fall behind.
    var slow = 0
    /// Length of the string sent as `data`, in bytes.
    var payload = 64
    /// Messages that each sender may have in flight.
    var window = 4
    /// Messages per second of each sender, in the open-loop shapes.
    var rate = 20.0
    /// Total number of connections, in the shapes that do not count rooms.
    var connections = 10_000
    /// Handshakes that may be in progress at once.
    var inFlight = 32
    var seconds = 4.0
    var warmup = 1.0
    var threads = 1
    /// Seconds without progress, or without an arrival at the end, after which what is outstanding counts as failed.
    var patience = 10.0
    /// The server's process ID, if its resource usage is measured.
    var process: Int32?

    /// The kind of load.
    enum Shape: String, Sendable {
        case state, input, paced, idle, connect, churn
    }

    /// True for the shapes that send messages.
    var hasMessages: Bool { shape != .idle && shape != .connect }

    /// The reason why a plan cannot be run, written for the user.
    struct Unusable: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// The plan itself, if it can be run within this limit on open files.
    func checked(openFiles: Int) throws(Unusable) -> LoadPlan {
        func require(_ condition: Bool, _ reason: String) throws(Unusable) {
            guard condition else { throw Unusable(description: reason) }
        }
        try require((1...100_000).contains(rooms), "rooms: a number from 1 to 100000")
        try require((fewestMembers...10_000).contains(members), "members: a number from \(fewestMembers) to 10000")
        try require((0..<max(members, 1)).contains(slow), "slow: a number from 0 up to the guests of a room")
        try require((0...16_777_216).contains(payload), "payload: a number from 0 to 16777216")
        try require((1...1_000_000).contains(window), "window: a number from 1 to 1000000")
        try require(rate > 0 && rate <= 100_000, "rate: above 0, up to 100000")
        try require((1...1_000_000).contains(connections), "connections: a number from 1 to 1000000")
        try require((1...100_000).contains(inFlight), "in-flight: a number from 1 to 100000")
        try require(seconds > 0 && seconds <= 86_400, "seconds: above 0, up to a day")
        try require(warmup >= 0 && warmup <= 86_400, "warmup: from 0 up to a day")
        try require(patience > 0 && patience <= 3_600, "patience: above 0, up to an hour")
        try require((1...256).contains(threads), "threads: a number from 1 to 256")
        try require(threads <= roomCount, "threads: no more than rooms, of which there are \(roomCount)")
        try require(
            shape != .connect || threads <= inFlight, "threads: no more than handshakes that may be under way")
        // Besides the sockets: one epoll descriptor per loop, the standard streams, and files of the server's process.
        let files = roomCount * max(members, 1) + threads + 16
        try require(
            files <= openFiles, "\(files) open files are needed and \(openFiles) allowed: raise `ulimit -n`")
        return self
    }

    private var fewestMembers: Int {
        switch shape {
        case .idle: 0
        case .connect: 1
        case .state, .input, .paced: 2
        case .churn: 3
        }
    }

    /// The number of rooms at any one time; a connection without a room counts as one.
    var roomCount: Int {
        switch shape {
        case .idle, .connect: max(connections / max(members, 1), 1)
        case .state, .input, .paced, .churn: rooms
        }
    }
}
