import Glibc
import Testing

@testable import RelayEngine

@Suite("A peer that has ended the connection")
struct EndedPeerTests {
    @Test("with nothing left to send the loop lets go at once, and asks the poller nothing", arguments: [true, false])
    func closes(isReset: Bool) throws {
        let stepped = try SteppedLoop()
        var client = LoopbackClient(family: AF_INET, port: stepped.port(.clients))
        for _ in 0..<1_000 where stepped.loop.table.all.isEmpty { stepped.turn() }
        let connection = try #require(stepped.loop.table.all.first)
        if isReset {
            client?.resetsAtItsEnd()
            client = nil
        }
        stepped.loop.closeLater(connection, .finish)
        stepped.loop.processExits()
        #expect(connection.phase == (isReset ? .closed : .closing))
        withExtendedLifetime(client) {}
    }
}
