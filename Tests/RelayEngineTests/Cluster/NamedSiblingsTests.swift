import Glibc
import RelayCore
import Testing

@Suite("Machines at the addresses of one name", .blocking, .serialized)
struct NamedSiblingsTests {
    /// Machines of one region, which find each other by the name of a service.
    private static func cluster(machines: Int) throws -> TestCluster {
        let cluster = try TestCluster(
            machines: machines,
            environment: ["FLY_APP_NAME": "", "FLY_REGION": "", "SIBLINGS": "dns:\(TestCluster.service)"])
        // A machine that began to listen only after another had asked for its id is asked again.
        for machine in 0..<machines {
            try eventually {
                _ = try cluster.get("/room/\(unknownCode())", at: machine)
                return try cluster.counter("party_sockets_siblings", of: machine) == machines - 1
            }
        }
        return cluster
    }

    /// A code that no machine has: of any region, or of none.
    private static func unknownCode() -> String { RoomCode(home: nil, random: .random(in: 0...(.max))).description }

    @Test("a room is found from every machine, whatever region its code would name")
    func found() throws {
        let cluster = try Self.cluster(machines: 3)
        var hosts: [TestClient] = []
        for owner in cluster.machines.indices {
            let room = try cluster.room(on: owner)
            hosts.append(room.host)
            for machine in cluster.machines.indices {
                let plain = try cluster.get("/room/\(room.code)", at: machine)
                #expect(plain.status == (machine == owner ? 200 : 409))
                #expect(plain["fly-replay"] == (machine == owner ? nil : replay(to: cluster.machines[owner])))
                let upgrade = try cluster.dial(machine)
                upgrade.sendRequest(
                    "/\(room.code)", headers: TestClient.upgradeFields + ["X-Forwarded-For: 192.0.2.1"])
                #expect(try upgrade.reply().status == (machine == owner ? 101 : 409))
            }
        }
        #expect(try cluster.get("/room/\(Self.unknownCode())", at: 0).status == 404)
    }

    @Test("a pin leads to its machine, and what was replayed is not searched for again")
    func replayed() throws {
        let cluster = try Self.cluster(machines: 2)
        let room = try cluster.room(on: 1)
        let pinned = try cluster.get("/room/\(room.code)?instance=\(cluster.machines[1].id)", at: 0)
        #expect(pinned["fly-replay"] == replay(to: cluster.machines[1]))
        let proxied = "X-Forwarded-For: 192.0.2.1"
        let again = try cluster.get(
            "/room/\(room.code)", at: 0, headers: [proxied, "fly-replay-src: instance=\(cluster.machines[1].id);t=1"])
        #expect(again.status == 404)
        let fallback = try cluster.get("/room/\(room.code)", at: 0, headers: [proxied, "fly-replay-failed: 1"])
        #expect(fallback.status == 404 && fallback["fly-replay"] == nil)
        try room.host.expectNothing()
    }

    @Test("a machine that comes is found, and one that has gone leaves the list")
    func comeAndGo() throws {
        let cluster = try Self.cluster(machines: 3)
        let gone = try #require(cluster.machines[2].process)
        gone.signal(SIGKILL)
        _ = try gone.end()
        try cluster.startNames(listing: Array(cluster.machines.prefix(2)))
        try Self.eventually {
            _ = try cluster.get("/room/\(Self.unknownCode())", at: 0)
            return try cluster.counter("party_sockets_siblings", of: 0) == 1
        }
        let room = try cluster.room(on: 1)
        #expect(try cluster.get("/room/\(room.code)", at: 0)["fly-replay"] == replay(to: cluster.machines[1]))
        try room.host.expectNothing()
    }

    /// Waits for a condition that depends on other processes, and on what is cached for some seconds.
    private static func eventually(_ isTrue: () throws -> Bool) throws {
        for _ in 0..<300 {
            if try isTrue() { return }
            usleep(100_000)
        }
        Issue.record("it has not come about in 30 seconds")
    }
}
