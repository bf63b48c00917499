import Testing

/// A deployment of the relay, tested from outside, with whatever proxy, machines and regions it has.
@Suite("A live deployment", .ofEnvironment, .timeLimit(.minutes(3)))
struct LiveTests {}
