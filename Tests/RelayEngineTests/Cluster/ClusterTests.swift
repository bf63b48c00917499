import Glibc
import RelayCore
import Testing

@Suite("Machines of a region", .blocking, .serialized)
struct ClusterTests {
    /// A code of the region that no machine has.
    private static func unknownCode() -> String {
        RoomCode(home: Region(name: TestCluster.region), random: .random(in: 0...(.max))).description
    }

    @Test("a room is found from every machine, by a plain request and by an upgrade")
    func found() throws {
        let cluster = try TestCluster(machines: 3)
        let room = try cluster.room(on: 1)
        for machine in cluster.machines.indices {
            let plain = try cluster.get("/room/\(room.code)", at: machine)
            #expect(plain.status == (machine == 1 ? 200 : 409))
            #expect(plain["fly-replay"] == (machine == 1 ? nil : replay(to: cluster.machines[1])))
            let upgrade = try cluster.dial(machine)
            upgrade.sendRequest(
                "/\(room.code)", headers: TestClient.upgradeFields + ["X-Forwarded-For: 192.0.2.1"])
            let answer = try upgrade.reply()
            #expect(answer.status == (machine == 1 ? 101 : 409))
            #expect(answer["fly-replay"] == (machine == 1 ? nil : replay(to: cluster.machines[1])))
        }
        #expect(try cluster.total("party_sockets_sibling_lookups_total", result: "found") == 4)
        #expect(try cluster.total("party_sockets_sibling_lookup_seconds_count") == 4)
    }

    @Test("empty segments of a path and an empty pin name nothing: the room is found all the same")
    func emptySegments() throws {
        let cluster = try TestCluster(machines: 2)
        let room = try cluster.room(on: 1)
        let code = room.code
        for target in [
            "/\(code)/", "//\(code)", "/%2F\(code)%2f", "///\(code)//?x=1", "/\(code)/?instance=&instance=x",
        ] {
            for (machine, status) in [(0, 409), (1, 101)] {
                let player = try cluster.dial(machine)
                player.sendRequest(target, headers: TestClient.upgradeFields + ["X-Forwarded-For: 192.0.2.1"])
                #expect(try player.reply().status == status, "\(target)")
            }
        }
        for target in ["/room/\(code)/", "//room//\(code)", "/room%2F\(code)", "/room//\(code)/?instance"] {
            #expect(try cluster.get(target, at: 0)["fly-replay"] == replay(to: cluster.machines[1]), "\(target)")
            #expect(try cluster.get(target, at: 1).status == 200, "\(target)")
            // What passed no proxy is a sibling's probe, which causes none.
            #expect(try cluster.get(target, at: 0, headers: []).status == 404, "\(target)")
        }
        try room.host.expectNothing()
    }

    @Test("a room that ends is unknown everywhere at once")
    func closed() throws {
        let cluster = try TestCluster(machines: 3)
        let room = try cluster.room(on: 0)
        #expect(try cluster.get("/room/\(room.code)", at: 2).status == 409)
        room.host.send(#"{"type":"close_room"}"#)
        try room.host.expectClose(4_001, "room closed")
        for machine in cluster.machines.indices {
            #expect(try cluster.get("/room/\(room.code)", at: machine).status == 404)
        }
    }

    @Test("with one sibling frozen and another gone, a room on a third is found, and nobody can tell of another")
    func frozenAndGone() throws {
        let cluster = try TestCluster(machines: 4)
        let room = try cluster.room(on: 3)
        let frozen = try #require(cluster.machines[1].process)
        let gone = try #require(cluster.machines[2].process)
        frozen.signal(SIGSTOP)
        defer { frozen.signal(SIGCONT) }
        gone.signal(SIGKILL)
        _ = try gone.end()
        for _ in 0..<5 {
            #expect(try cluster.get("/room/\(room.code)", at: 0)["fly-replay"] == replay(to: cluster.machines[3]))
        }
        // Either of them could have it.
        let unknown = try cluster.get("/room/\(Self.unknownCode())", at: 0)
        #expect(unknown.status == 503)
        #expect(unknown["Retry-After"] == "1")
        #expect(try cluster.counter("party_sockets_sibling_probes_total", result: "failed", of: 0) > 0)
        // On a busy machine a lookup may end before it has asked the frozen one, or has heard from the third.
        func timedOut() throws -> Int {
            try cluster.counter("party_sockets_sibling_probes_total", result: "timed_out", of: 0)
        }
        func suspects() throws -> Int { try cluster.counter("party_sockets_suspect_siblings", of: 0) }
        for _ in 0..<50 where try timedOut() == 0 || suspects() != 1 {
            #expect(try cluster.get("/room/\(Self.unknownCode())", at: 0).status == 503)
        }
        #expect(try timedOut() > 0 && suspects() == 1)
        #expect(try cluster.counter("party_sockets_siblings", of: 0) == 3)
    }

    @Test("whoever guesses learns nothing more of siblings' rooms, and their questions to each other are not limited")
    func guessing() throws {
        let cluster = try TestCluster(machines: 2, environment: ["MISSES_PER_MINUTE": "2"])
        let room = try cluster.room(on: 1)
        func player(_ number: Int) -> [String] { ["Fly-Client-IP: 198.51.100.\(number)"] }
        // A player's visits of a dead code, each an upgrade and a join, and then of a living room.
        for answer in ["Room not found", "Room not found", "Too many attempts"] {
            let code = Self.unknownCode()
            let guest = try cluster.dial(0)
            try guest.open("/\(code)", headers: player(1))
            try guest.join(code, clientID: "client-1")
            try guest.expect(#"{"type":"error","message":"\#(answer)"}"#)
        }
        #expect(try cluster.get("/room/\(room.code)", at: 0, headers: player(1)).status == 429)
        // The machine that has the room has not been asked, nor has it limited the one that asks.
        for number in 2..<20 {
            #expect(try cluster.get("/room/\(Self.unknownCode())", at: 0, headers: player(number)).status == 404)
            #expect(
                try cluster.get("/room/\(room.code)", at: 0, headers: player(number))["fly-replay"]
                    == replay(to: cluster.machines[1]))
        }
        #expect(try cluster.total("party_sockets_sibling_lookups_total", result: "not_found") == 20)
        #expect(try cluster.total("party_sockets_sibling_lookups_total", result: "found") == 18)
    }

    @Test("while the DNS is dead, known siblings are still found; when it is back, so is everything")
    func namesDie() throws {
        let cluster = try TestCluster(machines: 2)
        let room = try cluster.room(on: 1)
        #expect(try cluster.get("/room/\(room.code)", at: 0).status == 409)
        cluster.stopNames()
        // The old list stays in use while there is no newer one.
        #expect(try cluster.get("/room/\(room.code)", at: 0).status == 409)
        // A machine that has never had its sibling's address cannot tell, and counts that.
        #expect(try cluster.get("/room/\(Self.unknownCode())", at: 1).status == 503)
        #expect(try cluster.get("/health", at: 1).status == 200)
        #expect(try cluster.counter("party_sockets_dns_queries_total", result: "failed", of: 1) > 0)
        try cluster.startNames(listing: cluster.machines)
        let other = try cluster.room(on: 0)
        try Self.eventually { try cluster.get("/room/\(other.code)", at: 1).status == 409 }
    }

    @Test("a new machine is asked, and one that has left the list is not asked any more")
    func comeAndGo() throws {
        let cluster = try TestCluster(machines: 3, listed: 2)
        let room = try cluster.room(on: 2)
        #expect(try cluster.get("/room/\(room.code)", at: 0).status == 404)
        try cluster.startNames(listing: cluster.machines)
        try Self.eventually { try cluster.get("/room/\(room.code)", at: 0).status == 409 }
        try cluster.startNames(listing: Array(cluster.machines.prefix(2)))
        try Self.eventually { try cluster.get("/room/\(room.code)", at: 0).status == 404 }
    }

    @Test("a thousand players who try the same unknown code at once cost one round of probes")
    func oneRound() throws {
        let cluster = try TestCluster(machines: 4)
        let code = Self.unknownCode()
        let players = try (0..<1_000).map { _ in try cluster.dial(0) }
        for player in players { player.sendRequest("/room/\(code)", headers: ["X-Forwarded-For: 192.0.2.1"]) }
        for player in players { #expect(try player.reply().status == 404) }
        #expect(try cluster.total("party_sockets_sibling_probes_total") == 3)
    }

    @Test("nine machines never send more probes than siblings times distinct codes")
    func nine() throws {
        let cluster = try TestCluster(machines: 9, environment: ["RELAY_THREADS": "1"])
        let codes = 40
        for _ in 0..<codes {
            let (code, machine) = (Self.unknownCode(), Int.random(in: 0..<9))
            let players = try (0..<3).map { _ in try cluster.dial(machine) }
            for player in players { player.sendRequest("/room/\(code)", headers: ["X-Forwarded-For: 192.0.2.1"]) }
            for player in players { #expect(try player.reply().status == 404) }
        }
        #expect(try cluster.total("party_sockets_sibling_probes_total") == 8 * codes)
        #expect(try cluster.total("party_sockets_sibling_probes_total", result: "not_found") == 8 * codes)
    }

    @Test("a sibling that probes back, as the original does, gets an answer and causes no further probes")
    func mixed() throws {
        let cluster = try TestCluster(machines: 3, listed: 0)
        let ours = cluster.machines
        let prober = OriginalProber(siblings: ours.map(\.address), port: cluster.network.port)
        let stranger = cluster.addStranger(id: "original")
        let original = try FakeMachine(
            address: stranger.address, port: cluster.network.port, answer: prober.answer)
        try cluster.startNames(listing: cluster.machines)
        try withExtendedLifetime(original) {
            let room = try cluster.room(on: 1)
            #expect(try cluster.get("/room/\(room.code)", at: 0)["fly-replay"] == replay(to: ours[1]))
            #expect(try cluster.get("/room/\(Self.unknownCode())", at: 2).status == 404)
        }
        // One round each for the two lookups, the first of which ends with its room, perhaps before everybody is asked;
        // and none for the original's own probes, which carry no pin.
        #expect(try cluster.counter("party_sockets_sibling_probes_total", result: "not_found", of: 2) == 3)
        #expect(try cluster.total("party_sockets_sibling_probes_total") <= 6)
        #expect(try cluster.total("party_sockets_sibling_lookups_total") == 2)
        #expect(prober.probesSent >= 3)
    }

    @Test(
        "a listed machine that is no relay and answers every probe with 200 is not believed",
        arguments: ["<html>Welcome</html>", #"{"status":"ok"}"#, ""])
    func liar(body: String) throws {
        let cluster = try TestCluster(machines: 2, listed: 0)
        let ours = cluster.machines
        let stranger = cluster.addStranger(id: "stranger")
        let liar = try FakeMachine(address: stranger.address, port: cluster.network.port) { _ in
            FakeMachine.reply("200 OK", body)
        }
        try cluster.startNames(listing: cluster.machines)
        try withExtendedLifetime(liar) {
            let room = try cluster.room(on: 1)
            #expect(try cluster.get("/room/\(room.code)", at: 0)["fly-replay"] == replay(to: ours[1]))
            // What it says is no answer, so nobody can tell.
            #expect(try cluster.get("/room/\(Self.unknownCode())", at: 0).status == 503)
        }
        #expect(try cluster.counter("party_sockets_sibling_probes_total", result: "failed", of: 0) > 0)
    }

    /// Waits for a condition that depends on other processes, and on what is cached or remembered for up to 15 s.
    private static func eventually(_ isTrue: () throws -> Bool) throws {
        for _ in 0..<300 {
            if try isTrue() { return }
            usleep(100_000)
        }
        Issue.record("it has not come about in 30 seconds")
    }
}
