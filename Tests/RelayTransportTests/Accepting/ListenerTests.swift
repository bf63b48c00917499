import CLinux
import Glibc
import RelayLimits
import Testing

@testable import RelayEngine

@Suite("The listening socket")
struct ListenerTests {
    private static let hasIPv6 = unsafe access("/proc/net/if_inet6", R_OK) == 0

    @Test("port 0 takes a free port, and tells which", arguments: [nil, "127.0.0.1", "localhost"])
    func takesFreePort(host: String?) throws {
        let one = try Listener(host: host, port: 0)
        let two = try Listener(host: host, port: 0)
        #expect((1...65_535).contains(one.port))
        #expect(one.port != two.port)
    }

    @Test(
        "a port in use is refused in one line that names it",
        arguments: [(nil, "PORT"), ("127.0.0.1", "HOST 127.0.0.1, PORT")])
    func refusesPortInUse(host: String?, place: String) throws {
        let first = try Listener(host: host, port: 0)
        let refusal = ListenerTests.refusal(host: host, port: first.port)
        #expect(refusal?.code == EADDRINUSE)
        #expect(refusal?.description == "cannot listen on \(place) \(first.port): Address already in use")
    }

    @Test(
        "what a network lost is repeated ten times within the silence that is allowed",
        arguments: [(0, nil), (1, 1_000), (10, 1_000), (20, 2_000), (60, 6_000), (1_200, 120_000), (.max, 120_000)])
    func retransmission(idleTimeout: Int, milliseconds: Int32?) throws {
        #expect(Listener.longestRetransmission(idleTimeout: idleTimeout) == milliseconds)
        let listener = try Listener(host: "127.0.0.1", port: 0)
        let usual = ListenerTests.longestRetransmission(of: listener.descriptor)
        listener.boundRetransmission(idleTimeout: idleTimeout)
        let client = try #require(LoopbackClient(family: AF_INET, port: listener.port))
        guard case .accepted(let accepted, _) = listener.accept() else { return #expect(Bool(false)) }
        defer { close(accepted) }
        // Nothing, where the kernel cannot be told.
        #expect(ListenerTests.longestRetransmission(of: accepted) == usual.map { milliseconds ?? $0 })
        withExtendedLifetime(client) {}
    }

    private static func longestRetransmission(of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        let result = unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), CLINUX_TCP_RTO_MAX_MS, &value, &length)
        return result == 0 ? value : nil
    }

    @Test("a port is free again when its listener is gone")
    func closes() throws {
        let port = try Listener(host: "127.0.0.1", port: 0).port
        #expect(try Listener(host: "127.0.0.1", port: port).port == port)
    }

    @Test(
        "an address of another machine and a name that is none are refused in one line that names them",
        arguments: ["192.0.2.1", "256.256.256.256", "no name"])
    func refusesHost(host: String) {
        let refusal = ListenerTests.refusal(host: host, port: 0)
        #expect(refusal?.description.hasPrefix("cannot listen on ") == true)
        #expect(refusal?.description.contains(host) == true)
        #expect(refusal?.description.contains("\n") == false)
    }

    @Test("without a host, clients come over IPv4, and are known by their IPv4 address")
    func listensOnIPv4() throws {
        let listener = try Listener(host: nil, port: 0)
        let client = try #require(LoopbackClient(family: AF_INET, port: listener.port))
        let peer = try #require(ListenerTests.peer(of: listener))
        #expect(peer == ClientAddress(ipv4: 0x7F00_0001))
        withExtendedLifetime(client) {}
    }

    @Test("without a host, clients come over IPv6 too", .enabled(if: hasIPv6), arguments: [nil, "::1"])
    func listensOnIPv6(host: String?) throws {
        let listener = try Listener(host: host, port: 0)
        let client = try #require(LoopbackClient(family: AF_INET6, port: listener.port))
        let peer = try #require(ListenerTests.peer(of: listener))
        #expect(peer == ClientAddress(high: 0, low: 1))
        withExtendedLifetime(client) {}
    }

    @Test("with nobody waiting there is nothing to accept, and the loop goes on")
    func acceptsNothing() throws {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        guard case .nothing = listener.accept() else {
            Issue.record("accepted a connection that nobody made")
            return
        }
    }

    @Test("an accepted socket does not block, does not outlive an exec, and sends small messages at once")
    func preparesSockets() throws {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        let client = try #require(LoopbackClient(family: AF_INET, port: listener.port))
        guard case .accepted(let descriptor, _) = listener.accept() else {
            Issue.record("a connected client is there to be accepted")
            return
        }
        defer { close(descriptor) }
        var isNoDelay: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        _ = unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isNoDelay, &length)
        #expect(isNoDelay == 1)
        #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        withExtendedLifetime(client) {}
    }

    private static func refusal(host: String?, port: Int) -> ListenError? {
        do throws(ListenError) {
            _ = try Listener(host: host, port: port)
            return nil
        } catch {
            return error
        }
    }

    private static func peer(of listener: Listener) -> ClientAddress? {
        guard case .accepted(let descriptor, let peer) = listener.accept() else { return nil }
        close(descriptor)
        return peer
    }
}
