internal import ArgumentParser

/// The number of rooms and their size.
struct RoomOptions: ParsableArguments {
    @Option(help: "Number of rooms.")
    var rooms = 50

    @Option(help: "Members of each room, including the host.")
    var members = 4

    func add(to plan: inout LoadPlan) {
        plan.rooms = rooms
        plan.members = members
    }
}

/// The size of the messages.
struct MessageOptions: ParsableArguments {
    @Option(help: "Length of the string in each message's data, in bytes.")
    var payload = 64

    func add(to plan: inout LoadPlan) { plan.payload = payload }
}

/// The window of a closed loop.
struct WindowOptions: ParsableArguments {
    @Option(help: "Messages that each sender may have in flight.")
    var window = 4

    func add(to plan: inout LoadPlan) { plan.window = window }
}

/// The rate of an open loop.
struct RateOptions: ParsableArguments {
    @Option(help: "Messages per second of each sender.")
    var rate = 20.0

    func add(to plan: inout LoadPlan) { plan.rate = rate }
}

/// Readers that fall behind.
struct SlowOptions: ParsableArguments {
    @Option(
        help: """
            Guests of each room that fall behind: each rests for 10 ms after it has read, and its messages wait at the \
            server as far as the window allows.
            """)
    var slow = 0

    func add(to plan: inout LoadPlan) { plan.slow = slow }
}

/// The duration of the measurement.
struct TimeOptions: ParsableArguments {
    @Option(help: "Seconds to measure.")
    var seconds = 4.0

    @Option(help: "Seconds of traffic before the measurement.")
    var warmup = 1.0

    func add(to plan: inout LoadPlan) {
        plan.seconds = seconds
        plan.warmup = warmup
    }
}

/// The number of connections, for the shapes that do not count rooms.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "Total number of connections, rounded down to whole rooms.")
    var connections = 10_000

    @Option(help: "Members of each room, including the host.")
    var members = 4

    func add(to plan: inout LoadPlan) {
        plan.connections = connections
        plan.members = members
    }
}

/// The pace at which connections are opened.
struct OpeningOptions: ParsableArguments {
    @Option(help: "Handshakes that may be in progress at once.")
    var inFlight = 32

    func add(to plan: inout LoadPlan) { plan.inFlight = inFlight }
}
