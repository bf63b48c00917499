import Glibc
import RelayLimits
import Testing

@testable import RelayEngine

@Suite("The sockets of one peer")
struct PeerSocketsTests {
    private static let one = ClientAddress(ipv4: 0xCB00_7107)

    @Test("a peer has so many sockets at the clients' port; the admin port and exempt peers are not counted")
    func bound() {
        let peers = PeerSockets(most: 1, isExempt: { $0.isLocal })
        #expect(peers.admit(Self.one, at: .clients) == true)
        for _ in 0..<3 {
            #expect(peers.admit(Self.one, at: .clients) == false)
            #expect(peers.admit(Self.one, at: .admin) == true)
            #expect(peers.admit(ClientAddress(ipv4: 0x0A00_0001), at: .clients) == true)
        }
        peers.closed(Self.one, at: .admin)
        #expect(peers.admit(Self.one, at: .clients) == false)
        peers.closed(Self.one, at: .clients)
        #expect(peers.admit(Self.one, at: .clients) == true)
    }

    @Test("0 is no bound")
    func off() {
        let peers = PeerSockets(most: 0)
        for _ in 0..<1_000 { #expect(peers.admit(Self.one, at: .clients) == true) }
        peers.closed(Self.one, at: .clients)
    }

    @Test("a socket beyond the bound is closed at once and counted, and one that has ended makes place for another")
    func accepting() throws {
        let group = try LoopGroup<ScriptedHandler>(loops: 1, peers: PeerSockets(most: 2))
        let stepped = try SteppedLoop(of: group, hasAdminPort: true)
        func connect(_ listener: ListenerRole = .clients) throws -> LoopbackClient {
            let client = try #require(LoopbackClient(family: AF_INET, port: stepped.port(listener)))
            stepped.turn()
            return client
        }
        let first = try connect()
        for round in 1...20 {
            do {
                let second = try connect()
                #expect(group.sockets.current(.clients) == 2)
                let third = try connect()
                #expect(third.receive(1).isEmpty)
                #expect(group.sockets.current(.clients) == 2)
                #expect(stepped.loop.counters.limitsExceeded.current(.socketsPerPeer) == round)
                withExtendedLifetime(second) {}
            }
            stepped.turn()
            #expect(group.sockets.current(.clients) == 1)
        }
        let scraper = try connect(.admin)
        #expect(group.sockets.current(.admin) == 1)
        withExtendedLifetime((first, scraper)) {}
    }
}
