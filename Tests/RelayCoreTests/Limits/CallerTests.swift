import RelayCore
import RelayLimits
import Testing

@Suite("The party that limits count a request for")
struct CallerTests {
    /// Signs that differ from those of a direct request by what a case says.
    private static func signs(
        _ peer: String, _ named: NamedAddress? = nil, isForwarded: Bool = false, mayBeSibling: Bool = false
    ) throws -> CallerSigns {
        CallerSigns(
            peer: try #require(ClientAddress(peer)), hasHeader: named != nil, named: named ?? .absent,
            isForwarded: isForwarded, mayBeSibling: mayBeSibling)
    }

    @Test(
        "a client that the header names counts by its own address; a private one may be many clients",
        arguments: [
            ("203.0.113.8", Caller.Standing.client, true), ("2001:db8::1", .client, true), ("10.1.2.3", .crowd, true),
            ("100.64.1.1", .crowd, true), ("fd00::1", .crowd, true), ("127.0.0.1", .crowd, false),
            ("::1", .crowd, false),
        ])
    func named(text: String, standing: Caller.Standing, isBounded: Bool) throws {
        let address = try #require(ClientAddress(text))
        for peer in ["127.0.0.1", "10.0.0.1", "198.51.100.1", "fdaa::3"] {
            for isForwarded in [false, true] {
                let signs = try Self.signs(peer, .address(address), isForwarded: isForwarded)
                let caller = Caller(address: address, standing: standing, isBounded: isBounded, isForwarded: true)
                #expect(Caller(signs) == caller)
                #expect(signs.doubt == nil)
            }
        }
    }

    @Test(
        "all whose header cannot be read count as one client, whatever their peer",
        arguments: ["127.0.0.1", "10.0.0.1", "198.51.100.1", "fdaa::3"])
    func unreadable(peer: String) throws {
        let signs = try Self.signs(peer, .unreadable, isForwarded: true, mayBeSibling: true)
        let hidden = Caller(
            address: ClientAddress(high: 0, low: 0), standing: .client, isBounded: true, isForwarded: true)
        #expect(Caller(signs) == hidden)
        #expect(signs.doubt == .unreadable)
    }

    @Test(
        "without the header a request counts for its peer",
        arguments: [
            // peer, header set, forwarded, sibling possible: standing, bounded, doubt
            ("198.51.100.1", false, false, false, Caller.Standing.client, true, nil),
            ("198.51.100.1", true, false, true, .client, true, nil),
            ("198.51.100.1", false, true, true, .client, true, nil),
            ("127.0.0.1", false, false, false, .trusted, false, nil), ("::1", true, false, false, .trusted, false, nil),
            ("127.0.0.1", false, true, false, .crowd, false, CallerDoubt.headerNotSet),
            ("::1", true, true, true, .crowd, false, .headerMissing),
            ("10.0.0.1", false, false, false, .crowd, false, nil),
            ("10.0.0.1", false, false, true, .trusted, false, nil),
            ("fdaa::3", true, false, true, .trusted, true, nil),
            ("172.16.0.1", false, true, true, .crowd, false, .headerNotSet),
            ("100.64.0.1", true, true, false, .crowd, true, .headerMissing),
        ])
    func absent(
        peer: String, hasHeader: Bool, isForwarded: Bool, mayBeSibling: Bool, standing: Caller.Standing,
        isBounded: Bool, doubt: CallerDoubt?
    ) throws {
        let signs = try Self.signs(
            peer, hasHeader ? .absent : nil, isForwarded: isForwarded, mayBeSibling: mayBeSibling)
        let address = try #require(ClientAddress(peer))
        let caller = Caller(
            address: address, standing: standing, isBounded: isBounded, isForwarded: isForwarded)
        #expect(Caller(signs) == caller)
        #expect(signs.doubt == doubt)
    }
}
