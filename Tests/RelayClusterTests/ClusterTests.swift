import Testing

/// All tests with sockets, one at a time: some of them are about time, and on a busy machine dozens at once would make
/// healthy siblings look silent.
@Suite("The cluster", .serialized, .timeLimit(.minutes(1)))
enum ClusterTests {}
