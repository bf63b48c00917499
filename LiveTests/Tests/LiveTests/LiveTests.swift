import Testing

/// A deployment of the relay, met from outside: whatever proxy, machines and regions it is made of.
@Suite("A live deployment", .ofEnvironment, .timeLimit(.minutes(3)))
struct LiveTests {}
