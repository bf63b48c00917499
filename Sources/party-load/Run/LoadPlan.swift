/// One run, as its options describe it.
struct LoadPlan: Sendable {
    var shape: Shape
    var url: ServerURL
    /// Source addresses to connect from in turn; empty for the system's choice.
    var sources: [String] = []
    var rooms = 50
    /// Of each room, the host included; 0 for connections that enter no room.
    var members = 4
    /// Bytes of the string that is sent as `data`.
    var payload = 64
    /// Messages of one sender that may be under way.
    var window = 4
    /// Messages per second of each sender, where it sends by the clock.
    var rate = 20.0
    /// Connections in all, where rooms are not counted.
    var connections = 10_000
    /// Handshakes that may be under way.
    var inFlight = 32
    var seconds = 4.0
    var warmup = 1.0
    var threads = 1
    /// Seconds in which nothing goes ahead, or nothing more arrives at the end, after which that counts as failed.
    var patience = 10.0
    /// The server's process, if its cost is to be measured.
    var process: Int32?

    /// What a run does.
    enum Shape: String, Sendable {
        case state, input, paced, idle, connect, churn
    }

    /// What is wrong with a plan, in words for the person who made it.
    struct Unusable: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    /// The plan itself, if it can be carried out with so many open files.
    func checked(openFiles: Int) throws(Unusable) -> LoadPlan {
        func require(_ condition: Bool, _ reason: String) throws(Unusable) {
            guard condition else { throw Unusable(description: reason) }
        }
        try require((1...100_000).contains(rooms), "rooms: a number from 1 to 100000")
        try require((fewestMembers...10_000).contains(members), "members: a number from \(fewestMembers) to 10000")
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
        // Each loop has a queue; and there are the standard streams, and what is read of the server's process.
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

    /// How many rooms there are at the same time; for connections without a room, one each.
    var roomCount: Int {
        switch shape {
        case .idle, .connect: max(connections / max(members, 1), 1)
        case .state, .input, .paced, .churn: rooms
        }
    }
}
