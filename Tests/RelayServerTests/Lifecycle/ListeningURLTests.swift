import Testing

@testable import RelayServer

@Suite("The URL of the relay")
struct ListeningURLTests {
    @Test(
        "it can be opened on the relay's machine, whatever address it listens on",
        arguments: [
            (nil, "localhost"), ("0.0.0.0", "localhost"), ("0", "localhost"), ("::", "localhost"),
            ("0:0:0:0:0:0:0:0", "localhost"), ("127.0.0.1", "127.0.0.1"), ("192.168.1.20", "192.168.1.20"),
            ("::1", "[::1]"), ("fdaa::3", "[fdaa::3]"), ("::ffff:10.0.0.1", "[::ffff:10.0.0.1]"),
            ("fe80::1%eth0", "[fe80::1%25eth0]"), ("localhost", "localhost"), ("relay.lan", "relay.lan"),
        ])
    func opens(host: String?, name: String) {
        #expect("\(ListeningURL(host: host, port: 3_000))" == "http://\(name):3000")
    }
}
