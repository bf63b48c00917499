import Glibc
import RelayCore
import RelayLimits
import TestSupport
import Testing

@Suite("Client addresses")
struct ClientAddressTests {
    @Test(
        "one address in several spellings is one client",
        arguments: [
            ("1.2.3.4", "::ffff:1.2.3.4"), ("1.2.3.4", "::FFFF:102:304"), ("::1", "0:0:0:0:0:0:0:1"),
            ("2001:db8::1", "2001:0DB8:0:0::0001"), ("::", "0::0"), ("::1.2.3.4", "::102:304"),
            ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ])
    func sameAddress(one: String, two: String) throws {
        #expect(try #require(ClientAddress(one)) == #require(ClientAddress(two)))
    }

    @Test("a text and a socket's address yield the same value")
    func numbers() {
        #expect(ClientAddress("127.0.0.1") == ClientAddress(ipv4: 0x7F00_0001))
        #expect(ClientAddress("255.254.1.0") == ClientAddress(ipv4: 0xFFFE_0100))
        #expect(ClientAddress("::1") == ClientAddress(high: 0, low: 1))
        #expect(ClientAddress("::ffff:0:1") == ClientAddress(ipv4: 1))
        let high: UInt64 = 0x2001_0DB8_0001_0002
        #expect(ClientAddress("2001:db8:1:2:3:4:5:6") == ClientAddress(high: high, low: 0x0003_0004_0005_0006))
    }

    @Test(
        "anything but a plain address is refused",
        arguments: [
            "", " ", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1..3.4", "1.2.3.", ".1.2.3.4",
            "1.2.3.4 ", " 1.2.3.4", "+1.2.3.4", "1.2.3.4:80", "1.2.3.0x4", "1.2.3.4444", "a.b.c.d", "１.2.3.4",
            ":", ":::", "1", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", ":1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:",
            ":1::2", "1::2:", "12345::", "g::", "::1%eth0", "fe80::1%1", "[::1]", "::1/64", "::1.2.3", "::1.2.3.4:5",
            "1.2.3.4::", "::1.2.3.4.5", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:1.2.3.4", "::12345.2.3.4", "::a.2.3.4",
            "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "::256.1.1.1", "unknown",
        ])
    func refused(text: String) {
        #expect(ClientAddress(text) == nil)
    }

    @Test(
        "our parser accepts exactly what the system's does, with the same result",
        arguments: 1...8 as ClosedRange<UInt64>)
    func systemParser(seed: UInt64) {
        let pieces = [
            ":", ":", ":", "::", ".", ".", "0", "1", "12", "255", "256", "ffff", "FfFf", "0db8", "f00d1", "1.2.3.4",
            "g", "%", " ",
        ]
        var dice = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<4_000 {
            let text =
                dice.roll(2) == 0
                ? Self.wellFormed(&dice) : (0..<dice.roll(16)).map { _ in pieces[dice.roll(pieces.count)] }.joined()
            let expected = Self.readBySystem(text)
            #expect(ClientAddress(text) == expected, "\(text)")
            if expected != nil { accepted += 1 }
        }
        #expect(accepted > 1_000)
    }

    /// An address in one of the usual forms, now and then with one character changed.
    private static func wellFormed(_ dice: inout SeededGenerator) -> String {
        let quad = (0..<4).map { _ in String(dice.roll(256)) }.joined(separator: ".")
        var groups = (0..<8).map { _ in String(dice.roll(1 << (1 + dice.roll(16))), radix: 16) }
        if dice.roll(3) == 0 { groups.replaceSubrange(6..<8, with: [quad]) }
        var text = groups.joined(separator: ":")
        if dice.roll(2) == 0 {
            let start = dice.roll(groups.count)
            let end = start + dice.roll(groups.count - start + 1)
            text = groups[..<start].joined(separator: ":") + "::" + groups[end...].joined(separator: ":")
        }
        if dice.roll(4) == 0 { text = quad }
        if dice.roll(5) == 0 {
            var characters = Array(text)
            characters[dice.roll(characters.count)] = [":", ".", "0", "f", "g"][dice.roll(5)]
            text = String(characters)
        }
        return text
    }

    private static func readBySystem(_ text: String) -> ClientAddress? {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            return ClientAddress(ipv4: UInt32(bigEndian: four.s_addr))
        }
        var six: (UInt64, UInt64) = (0, 0)
        guard unsafe inet_pton(AF_INET6, text, &six) == 1 else { return nil }
        return ClientAddress(high: UInt64(bigEndian: six.0), low: UInt64(bigEndian: six.1))
    }

    @Test(
        "loopback, private, shared, link-local and unique local addresses are local",
        arguments: [
            "127.0.0.1", "127.255.0.1", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1",
            "169.254.1.1", "100.64.0.1", "100.127.255.255", "::1", "::ffff:10.1.2.3", "::ffff:100.64.0.1", "fe80::1",
            "febf::1", "fc00::1", "fdaa:0:1::3", "fdff::",
        ])
    func local(text: String) throws {
        #expect(try #require(ClientAddress(text)).isLocal)
    }

    @Test(
        "all other addresses are not local",
        arguments: [
            "1.1.1.1", "126.255.255.255", "128.0.0.1", "9.255.255.255", "11.0.0.1", "172.15.255.255", "172.32.0.1",
            "192.167.255.255", "192.169.0.1", "169.253.0.1", "100.63.255.255", "100.128.0.0", "0.0.0.0",
            "255.255.255.255", "::", "::2", "::127.0.0.1",
            "1::1", "fbff::1", "fe00::1", "fe7f::1", "fec0::1", "ff02::1", "2001:db8::1",
        ])
    func remote(text: String) throws {
        #expect(try !#require(ClientAddress(text)).isLocal)
    }

    @Test(
        "loopback is 127.0.0.0/8 and ::1",
        arguments: [
            ("127.0.0.1", true), ("127.255.255.255", true), ("::1", true), ("::ffff:127.0.0.1", true),
            ("126.255.255.255", false), ("128.0.0.0", false), ("::", false), ("::2", false), ("10.0.0.1", false),
            ("fe80::1", false), ("::127.0.0.1", false),
        ])
    func loopback(text: String, isLoopback: Bool) throws {
        #expect(try #require(ClientAddress(text)).isLoopback == isLoopback)
    }

    @Test(
        "the site of an IPv6 address is its /48, and differs from every /64",
        arguments: [
            ("2001:db8:1:2::1", "2001:db8:1:ffff::9", true), ("2001:db8:1::", "2001:db8:1::1", true),
            ("2001:db8:1::1", "2001:db8:2::1", false),
        ])
    func siteKey(one: String, two: String, isSame: Bool) throws {
        let (one, two) = try (#require(ClientAddress(one)), #require(ClientAddress(two)))
        #expect(try (#require(one.siteKey) == #require(two.siteKey)) == isSame)
        #expect(one.siteKey != one.limitKey)
    }

    @Test("an IPv4 address has no site", arguments: ["1.2.3.4", "::ffff:1.2.3.4"])
    func noSite(text: String) throws {
        #expect(try #require(ClientAddress(text)).siteKey == nil)
    }

    @Test(
        "an IPv4 address counts by itself, an IPv6 address by its /64",
        arguments: [
            ("1.2.3.4", "1.2.3.4", true), ("1.2.3.4", "1.2.3.5", false), ("1.2.3.4", "::ffff:1.2.3.4", true),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("1.2.3.4", "::5", false), ("0.0.0.0", "::", false),
        ])
    func limitKey(one: String, two: String, isSame: Bool) throws {
        #expect(try (#require(ClientAddress(one)).limitKey == #require(ClientAddress(two)).limitKey) == isSame)
    }
}
