import Testing

@testable import RelayEngine

@Suite("Sources of a loop's events")
struct ReadinessSourceTests {
    @Test(
        "each source of events has a token of its own, from which it can be told again",
        arguments: [0, 1 << 20, 1 << 24 - 4] as [Int32])
    func tokens(descriptor: Int32) {
        let key = ConnectionKey(descriptor: descriptor, serial: .max)
        let sources: [ReadinessSource] = [.connection(key), .mailbox, .listener(.clients), .listener(.admin)]
        #expect(Set(sources.map(\.token)).count == sources.count)
        #expect(sources.map { ReadinessSource(token: $0.token) } == sources)
    }
}
