import Testing

@testable import RelayServer

@Suite("The first line of a relay on a free port")
struct PortLineTests {
    @Test(
        "it is JSON with the port, and a URL that reaches it from this machine",
        arguments: [
            (nil, "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "127.0.0.1"), ("::1", "[::1]"),
            ("127.0.0.2", "127.0.0.2"), ("localhost", "localhost"), ("fe80::1%eth0", "[fe80::1%25eth0]"),
        ] as [(String?, String)])
    func text(host: String?, name: String) {
        #expect("\(PortLine(host: host, port: 49_321))" == "{\"port\":49321,\"url\":\"ws://\(name):49321\"}\n")
    }
}
