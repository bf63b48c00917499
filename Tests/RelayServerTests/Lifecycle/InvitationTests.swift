import Testing

@testable import RelayServer

@Suite("What a terminal is told to open")
struct InvitationTests {
    private static let lan = [
        InterfaceAddress(family: .ipv4, text: "127.0.0.1", isUp: true, isLoopback: true),
        InterfaceAddress(family: .ipv6, text: "fd00::7", isUp: true, isLoopback: false),
        InterfaceAddress(family: .ipv4, text: "192.168.1.20", isUp: true, isLoopback: false),
    ]

    @Test(
        "the address for other devices is told where the relay listens on all addresses",
        arguments: [
            (nil, "localhost", "192.168.1.20"), ("::", "localhost", "192.168.1.20"),
            ("0.0.0.0", "localhost", "192.168.1.20"), ("0", "localhost", "192.168.1.20"),
            ("192.168.1.20", "192.168.1.20", nil), ("::1", "[::1]", nil), ("fd00::7", "[fd00::7]", nil),
            ("127.0.0.1", "127.0.0.1", nil), ("localhost", "localhost", nil), ("relay.lan", "relay.lan", nil),
        ] as [(String?, String, String?)])
    func hosts(host: String?, here: String, there: String?) {
        let invitation = Invitation(host: host, port: 3_000, hasDemo: true, addresses: Self.lan)
        let other = there.map { "Other devices: http://\($0):3000/demo\n" } ?? ""
        #expect("\(invitation)" == "This computer: http://\(here):3000/demo\n\(other)")
    }

    @Test("without the demo it is the front page")
    func withoutDemo() {
        let invitation = Invitation(host: nil, port: 80, hasDemo: false, addresses: Self.lan)
        #expect("\(invitation)" == "This computer: http://localhost:80/\nOther devices: http://192.168.1.20:80/\n")
    }

    @Test("where there is no network, nothing is told of it", arguments: [nil, "::", "0.0.0.0"])
    func alone(host: String?) {
        let invitation = Invitation(host: host, port: 3_000, hasDemo: true, addresses: [Self.lan[0]])
        #expect("\(invitation)" == "This computer: http://localhost:3000/demo\n")
    }

    @Test("an address of IPv6 is written in brackets, and told only where the relay listens on it")
    func onlyIPv6() {
        let six = [Self.lan[1]]
        let all = Invitation(host: nil, port: 3_000, hasDemo: false, addresses: six)
        #expect("\(all)" == "This computer: http://localhost:3000/\nOther devices: http://[fd00::7]:3000/\n")
        let four = Invitation(host: "0.0.0.0", port: 3_000, hasDemo: false, addresses: six)
        #expect("\(four)" == "This computer: http://localhost:3000/\n")
    }
}
