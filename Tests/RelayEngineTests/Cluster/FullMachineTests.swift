import Glibc
import Testing

@Suite("Machines of a region that are full", .blocking, .serialized)
struct FullMachineTests {
    @Test("a machine that drains sends new games to another, unless that one is full")
    func drain() throws {
        let cluster = try TestCluster(machines: 2, environment: ["MAX_ROOMS": "1", "LOG_LEVEL": "debug"])
        let draining = try #require(cluster.machines[0].process)
        let room = try cluster.room(on: 0)
        let other = try cluster.room(on: 1)
        #expect(try cluster.get("/ready?instance=machine-2", at: 1).body == #"{"status":"full"}"#)
        draining.signal(SIGTERM)
        // It asks as soon as it drains, and hears the other's no.
        _ = try draining.output(matching: /"readiness".*"result":"[^"]*503/)
        #expect(try status(ofNewGameAt: cluster) == 101)

        other.host.send(#"{"type":"close_room"}"#)
        try other.host.expectClose(4_001, "room closed")
        _ = try draining.output(matching: /"readiness".*"result":"found/)
        var answer = try status(ofNewGameAt: cluster)
        // The log has the answer a moment before the routing has.
        for _ in 0..<100 where answer == 101 {
            usleep(50_000)
            answer = try status(ofNewGameAt: cluster)
        }
        #expect(answer == 409)
        room.host.send(#"{"type":"close_room"}"#)
        try room.host.expectClose(4_001, "room closed")
    }

    /// The status with which the first machine answers a player who names no room.
    private func status(ofNewGameAt cluster: TestCluster) throws -> Int {
        let player = try cluster.dial(0)
        player.sendRequest("/", headers: TestClient.upgradeFields + ["X-Forwarded-For: 192.0.2.1"])
        return try player.reply().status
    }
}
