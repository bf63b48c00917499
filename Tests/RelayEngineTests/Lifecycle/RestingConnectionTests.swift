import Testing

@testable import RelayEngine

@Suite("Connections at the end of a loop", .blocking)
struct RestingConnectionTests {
    @Test(
        "one that has had all its answers is gone at once, though its client leaves it open; a WebSocket is waited for",
        arguments: [
            ("", 0), ("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", 0), ("GET /health HT", 0), ("WebSocket", 1),
        ])
    func end(request: String, waitedFor: Int) throws {
        let relay = try SteppedRelay()
        let client: TestClient
        if request == "WebSocket" {
            client = try relay.connect()
        } else {
            client = try TestClient(port: relay.port)
            client.write(request)
            relay.settle()
        }
        #expect(relay.loop.table.count == 1)
        relay.loop.beginShutdown(.atOnce)
        relay.settle()
        #expect(relay.loop.table.count == waitedFor)
        withExtendedLifetime(client) {}
        relay.end()
    }
}
