import RelayCore
import Testing

@testable import RelayEngine

@Suite("Drawn codes")
struct DrawnCodeTests {
    static let own = InstanceID("self")

    static func identity() throws -> RoutingIdentity {
        let region = try #require(Region(name: "iad"))
        return RoutingIdentity(isRoutingOn: true, instance: own, region: region)
    }

    @Test(
        "a machine draws only codes of its region that it wins", arguments: [0, 1, 2, 9, 99, 299], CodeStyle.allCases)
    func won(others: Int, style: CodeStyle) throws {
        let (own, identity) = (try #require(Self.own), try Self.identity())
        let ids = try (0..<others).map { try #require(InstanceID("e28650\(100_000_000 + $0)")) }
        let rendezvous = Rendezvous(ids + [own])
        let relay = try SteppedRelay {
            $0.identity = identity
            $0.codes = style
        } rendezvous: {
            rendezvous
        }
        let codes = (0..<100).map { _ in relay.handler.drawCode(on: relay.loop) }
        #expect(codes.allSatisfy { rendezvous.winner(of: $0) == own && $0.home == identity.region })
        // Of a large region's easy codes one machine wins some 50,000: two of a hundred may be the same.
        #expect(Set(codes).count >= 95)
        let easy = codes.count { $0.description.allSatisfy("123456789BCDFGHJKLMNPQRSTVWXYZ".contains) }
        #expect(style == .easy ? easy == 100 : easy < 30)
    }

    @Test("a machine that knows of no list, or has no id, draws any code")
    func any() throws {
        let identity = try Self.identity()
        let relay = try SteppedRelay({ $0.identity = identity }, rendezvous: { nil })
        #expect(Set((0..<100).map { _ in relay.handler.drawCode(on: relay.loop) }).count == 100)
        let others = Rendezvous(try (0..<9).map { try #require(InstanceID("m\($0)")) })
        let nameless = try SteppedRelay({ $0.identity.region = identity.region }, rendezvous: { others })
        #expect(Set((0..<100).map { _ in nameless.handler.drawCode(on: nameless.loop) }).count == 100)
    }

    @Test("many numbers are drawn with one call, and no two blocks are the same")
    func block() {
        var (one, other) = (RandomBlock(), RandomBlock())
        let numbers = (0..<1_000).flatMap { _ in [one.next(), other.next()] }
        #expect(Set(numbers).count == 2_000)
        // Each bit is set in about half of them: five deviations.
        for bit in 0..<64 {
            let count = numbers.count { $0 >> UInt64(bit) & 1 == 1 }
            #expect((888...1_112).contains(count))
        }
    }
}
