import Testing

@testable import RelayServer

@Suite("The addresses of the network")
struct LocalNetworkTests {
    private static func four(_ text: String, isUp: Bool = true, isLoopback: Bool = false) -> InterfaceAddress {
        InterfaceAddress(family: .ipv4, text: text, isUp: isUp, isLoopback: isLoopback)
    }

    private static func six(_ text: String, isUp: Bool = true, isLoopback: Bool = false) -> InterfaceAddress {
        InterfaceAddress(family: .ipv6, text: text, isUp: isUp, isLoopback: isLoopback)
    }

    @Test(
        "it is the first that others can reach, and rather one of IPv4",
        arguments: [
            ([], nil), ([four("10.0.0.1")], "10.0.0.1"), ([four("10.0.0.1"), four("10.0.0.2")], "10.0.0.1"),
            ([six("fd00::1"), four("10.0.0.2")], "10.0.0.2"), ([six("fd00::1"), six("fd00::2")], "fd00::1"),
            ([four("127.0.0.1", isLoopback: true), four("10.0.0.2")], "10.0.0.2"),
            ([four("10.0.0.1", isLoopback: true)], nil), ([six("::1", isLoopback: true)], nil),
            ([four("10.0.0.1", isUp: false), four("10.0.0.2")], "10.0.0.2"), ([four("10.0.0.1", isUp: false)], nil),
            ([four("169.254.7.7")], nil), ([four("169.255.7.7")], "169.255.7.7"), ([four("169.25.4.7")], "169.25.4.7"),
            ([six("fe80::1%eth0")], nil), ([six("febf::1")], nil), ([six("fec0::1")], "fec0::1"),
            ([six("fe::1")], "fe::1"), ([six("fe80::1"), four("169.254.1.1"), six("2001:db8::1")], "2001:db8::1"),
            ([four("10.0.0.1", isUp: false), six("fd00::1")], "fd00::1"),
        ] as [([InterfaceAddress], String?)])
    func chosen(all: [InterfaceAddress], expected: String?) {
        #expect(LocalNetwork.address(among: all, families: [.ipv4, .ipv6]) == expected)
    }

    @Test("only addresses of the wanted families are chosen")
    func families() {
        let all = [Self.six("fd00::1"), Self.four("10.0.0.1")]
        #expect(LocalNetwork.address(among: all, families: [.ipv4]) == "10.0.0.1")
        #expect(LocalNetwork.address(among: all, families: [.ipv6]) == "fd00::1")
        #expect(LocalNetwork.address(among: all, families: []) == nil)
        #expect(LocalNetwork.address(among: [all[0]], families: [.ipv4]) == nil)
    }

    @Test("the system's addresses are read, loopback among them")
    func system() {
        #expect(LocalNetwork.addresses().contains(Self.four("127.0.0.1", isLoopback: true)))
    }
}
