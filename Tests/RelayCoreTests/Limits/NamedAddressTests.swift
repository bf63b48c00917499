import RelayCore
import RelayLimits
import TestSupport
import Testing

@Suite("Addresses as proxies name them")
struct NamedAddressTests {
    @Test(
        "an address is read with or without port, brackets, quotes, zone and white space",
        arguments: [
            ("203.0.113.8", "203.0.113.8"), (" 203.0.113.8\t", "203.0.113.8"),
            ("203.0.113.8:51234", "203.0.113.8"), ("203.0.113.8:0", "203.0.113.8"), ("\"203.0.113.8\"", "203.0.113.8"),
            ("\"203.0.113.8:80\"", "203.0.113.8"), ("[203.0.113.8]:80", "203.0.113.8"),
            ("203.0.113.8:_hidden", "203.0.113.8"), ("2001:db8::1", "2001:db8::1"), ("2001:DB8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"),
            ("\"[2001:db8::1]:443\"", "2001:db8::1"), ("[2001:db8::1]:_p.0-x", "2001:db8::1"),
            ("2001:db8:0:0:0:0:0:1:443", "2001:db8::1"), ("::ffff:203.0.113.8", "203.0.113.8"),
            ("[::ffff:203.0.113.8]:9", "203.0.113.8"), ("::ffff:203.0.113.8:9", "203.0.113.8"),
            ("[::FFFF:cb00:7108]:65535", "203.0.113.8"), ("fe80::1%eth0", "fe80::1"), ("[fe80::1%25en0]:1", "fe80::1"),
        ])
    func forms(text: String, address: String) throws {
        #expect(NamedAddress(text) == .address(try #require(ClientAddress(address))))
    }

    @Test(
        "the last of a list counts, and what a client has put before it changes nothing",
        arguments: [
            ("203.0.113.7, 203.0.113.8", "203.0.113.8"), ("203.0.113.7,203.0.113.8:80", "203.0.113.8"),
            ("unknown, 203.0.113.8", "203.0.113.8"), ("203.0.113.8, ", "203.0.113.8"),
            ("203.0.113.8,,\t,", "203.0.113.8"),
            ("\", 203.0.113.8", "203.0.113.8"), ("\"a, 203.0.113.8", "203.0.113.8"), ("\\, 203.0.113.8", "203.0.113.8"),
            ("for=\", for=203.0.113.8", "203.0.113.8"), ("for=\"\\\", for=\"[2001:db8::1]:4\"", "2001:db8::1"),
            ("for=203.0.113.7;x=\", for=203.0.113.8;host=\"a\\\"b\"", "203.0.113.8"),
        ])
    func lists(text: String, address: String) throws {
        #expect(NamedAddress(text) == .address(try #require(ClientAddress(address))))
    }

    @Test(
        "Forwarded elements are read (RFC 7239)",
        arguments: [
            ("for=203.0.113.8", "203.0.113.8"), ("For=\"203.0.113.8\"", "203.0.113.8"),
            ("for=203.0.113.8;proto=https;by=192.0.2.1", "203.0.113.8"),
            ("proto=http; by=192.0.2.1 ; FOR=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=192.0.2.43, for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17"),
            ("for=_hidden, for=203.0.113.8;host=\"a;b,c\"", "203.0.113.8"),
            ("host=\"for=192.0.2.9;\";for=203.0.113.8", "203.0.113.8"),
        ])
    func forwarded(text: String, address: String) throws {
        #expect(NamedAddress(text) == .address(try #require(ClientAddress(address))))
    }

    @Test(
        "what names no address, or more than one, is unreadable and not absent",
        arguments: [
            "unknown", "_hidden", "-", "client", "203.0.113", "203.0.113.8.9", "203.0.113.256", "203.0.113.8:",
            "203.0.113.8:123456", "203.0.113.8:8a", "203.0.113.8 80", "203.0.113.8:_", "203.0.113.8:_a/b",
            "[2001:db8::1",
            "2001:db8::1]", "[2001:db8::1]443", "[2001:db8::1]:", "[]", "[", "]", ":", ":80", "\"", "\"\"",
            "\"203.0.113.8",
            "203.0.113.8\"", "2001:db8::1::2", "2001:db8::1/64", "203.0.113.8, unknown", "for=unknown", "for=_x",
            "for=",
            "for", "for=\"203.0.113.8", "for=203.0.113.8;for=203.0.113.9", "by=203.0.113.8", "xfor=203.0.113.8",
            "for=203.0.113.8, by=192.0.2.1", "for = 203.0.113.8", "for=203.0.113.8,proto=https", "%eth0",
            "1.2.3.4\u{0}",
            "%31.2.3.4", "\u{FF11}.2.3.4", "0x7f000001", "010.0.0.1",
        ])
    func unreadable(text: String) {
        #expect(NamedAddress(text) == .unreadable)
    }

    @Test("an empty value names nothing", arguments: ["", " ", "\t", ",", " , ,"])
    func absent(text: String) {
        #expect(NamedAddress(text) == .absent)
    }

    @Test(
        "whatever a client has sent before, the address that the proxy adds is the one that is read",
        arguments: 1...8 as ClosedRange<UInt64>)
    func added(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let pieces = [
            "\"", "\\", ",", ";", "for=", "[", "]", ":", "203.0.113.7", "2001:db8::7", " ", "unknown", "=", "x",
        ]
        for _ in 0..<3_000 {
            let numbers = (high: dice.next(), low: dice.next())
            let isIPv6 = dice.roll(2) == 0
            let address =
                isIPv6
                ? ClientAddress(high: numbers.high, low: numbers.low)
                : ClientAddress(ipv4: UInt32(truncatingIfNeeded: numbers.low))
            let own = Self.field(isIPv6 ? Self.groups(numbers) : Self.dotted(numbers.low), isIPv6: isIPv6, &dice)
            let sent = (0..<dice.roll(10)).map { _ in pieces[dice.roll(pieces.count)] }.joined()
            #expect(NamedAddress("\(sent),\(own)") == .address(address), "\(sent),\(own)")
        }
    }

    private static func groups(_ numbers: (high: UInt64, low: UInt64)) -> String {
        [numbers.high, numbers.low].flatMap { half in
            [48, 32, 16, 0].map { String(half >> $0 & 0xFFFF, radix: 16) }
        }.joined(separator: ":")
    }

    private static func dotted(_ number: UInt64) -> String {
        [24, 16, 8, 0].map { "\(number >> $0 & 0xFF)" }.joined(separator: ".")
    }

    /// An address as a proxy may write it.
    private static func field(_ text: String, isIPv6: Bool, _ dice: inout SeededGenerator) -> String {
        var node = isIPv6 && dice.roll(2) == 0 ? "[\(text)]" : text
        if node.hasPrefix("[") || !isIPv6, dice.roll(2) == 0 { node += ":\(dice.roll(65_536))" }
        switch dice.roll(4) {
        case 0: return node
        case 1: return " \(node) "
        case 2: return " for=\"\(node)\";proto=https"
        default: return "by=\"_edge\";for=\"\(node)\""
        }
    }

    @Test("no bytes are a trap", arguments: 1...4 as ClosedRange<UInt64>)
    func garbage(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let alphabet = Array("\"\\,;=[]:%. \tfor_0159afAF".utf8) + [0, 0x7F, 0x80, 0xFF]
        for _ in 0..<20_000 {
            let bytes = (0..<dice.roll(24)).map { _ in alphabet[dice.roll(alphabet.count)] }
            let isEmpty = bytes.allSatisfy { [0x20, 0x09, 0x2C].contains($0) }
            #expect((NamedAddress(bytes.span) == .absent) == isEmpty)
        }
    }
}
