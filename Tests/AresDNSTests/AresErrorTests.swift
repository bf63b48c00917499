import Testing

@testable import AresDNS

@Suite("Errors of the resolver")
struct AresErrorTests {
    @Test("two errors with the same message are the same")
    func equality() {
        #expect(AresError(message: "x") == AresError(message: "x"))
    }
}
