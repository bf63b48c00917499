internal import ArgumentParser

/// Rooms and their size.
struct RoomOptions: ParsableArguments {
    @Option(help: "Rooms.")
    var rooms = 50

    @Option(help: "Members of each room, the host included.")
    var members = 4

    func add(to plan: inout LoadPlan) {
        plan.rooms = rooms
        plan.members = members
    }
}

/// What is sent.
struct MessageOptions: ParsableArguments {
    @Option(help: "Bytes of the string in each message's data.")
    var payload = 64

    func add(to plan: inout LoadPlan) { plan.payload = payload }
}

/// How much is under way in a closed loop.
struct WindowOptions: ParsableArguments {
    @Option(help: "Messages of one sender that may be under way.")
    var window = 4

    func add(to plan: inout LoadPlan) { plan.window = window }
}

/// How fast an open loop goes.
struct RateOptions: ParsableArguments {
    @Option(help: "Messages per second of each sender.")
    var rate = 20.0

    func add(to plan: inout LoadPlan) { plan.rate = rate }
}

/// How long is measured.
struct TimeOptions: ParsableArguments {
    @Option(help: "Seconds that count.")
    var seconds = 4.0

    @Option(help: "Seconds before, which do not.")
    var warmup = 1.0

    func add(to plan: inout LoadPlan) {
        plan.seconds = seconds
        plan.warmup = warmup
    }
}

/// Connections, where rooms are not counted.
struct ConnectionOptions: ParsableArguments {
    @Option(help: "Connections in all, rounded down to whole rooms.")
    var connections = 10_000

    @Option(help: "Members of each room, the host included.")
    var members = 4

    func add(to plan: inout LoadPlan) {
        plan.connections = connections
        plan.members = members
    }
}

/// How fast connections are opened.
struct OpeningOptions: ParsableArguments {
    @Option(help: "Handshakes that may be under way.")
    var inFlight = 32

    func add(to plan: inout LoadPlan) { plan.inFlight = inFlight }
}
