import Testing

@testable import party_load

@Suite("The source addresses of connections")
struct DialerTests {
    @Test("source addresses take turns; without any, the system chooses", arguments: [0, 1, 3])
    func sources(count: Int) throws {
        let server = try SocketAddress(host: "127.0.0.1", port: 9)
        let sources = try (0..<count).map { try SocketAddress(host: "127.0.0.\($0 + 2)", port: 0, isNumeric: true) }
        var dialer = Dialer(server: server, sources: sources)
        for turn in 0..<7 {
            let source = dialer.nextSource()
            #expect(source?.bytes == (count > 0 ? sources[turn % count].bytes : nil))
        }
    }
}
