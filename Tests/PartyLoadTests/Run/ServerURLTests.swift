import Testing

@testable import party_load

@Suite("The URL of the server under load")
struct ServerURLTests {
    @Test(
        "a ws URL is split into its parts",
        arguments: [
            ("ws://127.0.0.1:3000", "127.0.0.1", 3000, "/", "127.0.0.1:3000"),
            ("ws://relay.example", "relay.example", 80, "/", "relay.example"),
            ("ws://relay.example/abc?x=1", "relay.example", 80, "/abc?x=1", "relay.example"),
            ("ws://relay.example:81?x=1", "relay.example", 81, "/?x=1", "relay.example:81"),
            ("ws://[::1]:3000/a", "::1", 3000, "/a", "[::1]:3000"),
            ("ws://[::1]", "::1", 80, "/", "[::1]"),
        ])
    func parts(text: String, host: String, port: Int, target: String, authority: String) throws {
        let url = try ServerURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.authority == authority)
        #expect(url.description == text)
    }

    @Test(
        "any other URL is refused",
        arguments: [
            "", "127.0.0.1:3000", "http://a", "ws://", "ws://:3000", "ws://a:", "ws://a:0", "ws://a:65536", "ws://a:x",
            "ws://[::1", "ws://[]", "ws://u@a", "ws://a/#b", "ws://a b", "ws://a\r\nX: y", "ws://é", "ws://a:1:2",
        ])
    func refused(text: String) {
        #expect(throws: ServerURL.Unusable.self) { try ServerURL(text) }
    }

    @Test("a wss URL is refused with the advice to use a proxy")
    func secure() {
        do throws(ServerURL.Unusable) {
            _ = try ServerURL("wss://relay.example")
            Issue.record("wss was taken")
        } catch {
            #expect(error.description.contains("proxy"))
        }
    }
}
