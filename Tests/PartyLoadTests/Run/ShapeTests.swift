import Testing

@testable import party_load

@Suite("The load generator against the relay", .serialized, .timeLimit(.minutes(5)))
struct ShapeTests {
    private static let short = ["--seconds", "0.4", "--warmup", "0.1"]

    /// Runs a shape against a relay of its own, and checks what is common to the JSON of all shapes.
    private func run(_ shape: String, _ arguments: [String]) async throws -> LoadResult {
        let relay = try await RelayRun()
        let server = ["--url", relay.url, "--pid", "\(relay.program.identifier)"]
        let result = try await LoadResult(shape, server + arguments)
        #expect(result.status == 0)
        #expect(result.failures == [0, 0, 0, 0])
        #expect(result.text("shape") == shape)
        #expect(result.text("url") == relay.url)
        #expect(result["server.pid"] == Double(relay.program.identifier))
        #expect(try #require(result["server.residentBytesAfter"]) > 0)
        let share = try #require(result["load.busiestThreadShare"])
        #expect(share > 0 && share < 1.1)
        let keys: Set = [
            "shape", "url", "rooms", "members", "payload", "window", "rate", "threads", "seconds", "sent", "deliveries",
            "deliveriesPerSecond", "latencySeconds", "throttled", "server", "load", "connections",
            "connectionsPerSecond", "joinsPerSecond", "rejoinsPerSecond", "failures",
        ]
        #expect(result.keys == keys)
        return result
    }

    @Test("state: each message of a host reaches all guests", arguments: [1, 2])
    func state(threads: Int) async throws {
        let result = try await run(
            "state", ["--rooms", "4", "--members", "5", "--window", "3", "--threads", "\(threads)"] + Self.short)
        let sent = try #require(result["sent"])
        let deliveries = try #require(result["deliveries"])
        #expect(sent > 0)
        // They differ by the messages in flight at either end of the measured time.
        #expect(abs(deliveries - 4 * sent) <= 2 * 4 * 3 * 4)
        #expect(result["latencySeconds.count"] ?? 0 > 0)
        #expect(result["connections"] == 20)
        #expect(result["window"] == 3)
        #expect(result["rate"] == nil)
        #expect(result["server.cpuSecondsPerDelivery"] ?? 0 > 0)
    }

    @Test("state: guests that fall behind miss nothing, and hold up the window", arguments: [100, 20_000])
    func slow(payload: Int) async throws {
        let load = ["--rooms", "2", "--members", "4", "--payload", "\(payload)", "--window", "4"] + Self.short
        let result = try await run("state", load + ["--slow", "2"])
        #expect(result["deliveries"] ?? 0 > 0)
        // A message waits until the last guest has read it, and who has read rests for 10 ms.
        #expect(result["latencySeconds.p50"] ?? 0 > 0.005)
    }

    @Test("input: each message of a guest reaches its host")
    func input() async throws {
        let result = try await run("input", ["--rooms", "3", "--members", "4", "--window", "2"] + Self.short)
        let sent = try #require(result["sent"])
        #expect(sent > 0)
        #expect(abs(try #require(result["deliveries"]) - sent) <= 2 * 9 * 2)
    }

    @Test("payloads of every length arrive", arguments: [0, 1, 125, 126, 5_000, 70_000, 300_000])
    func payloads(payload: Int) async throws {
        let result = try await run(
            "state", ["--rooms", "2", "--members", "3", "--payload", "\(payload)", "--window", "2"] + Self.short)
        #expect(result["deliveries"] ?? 0 > 0)
        #expect(result["payload"] == Double(payload))
    }

    @Test("paced: everybody sends at the rate, and every delivery has its latency")
    func paced() async throws {
        let result = try await run(
            "paced", ["--rooms", "3", "--members", "4", "--rate", "50", "--seconds", "1", "--warmup", "0.2"])
        // Per room and second: 50 broadcasts to 3 guests, and 50 inputs from each of 3.
        #expect(result["latencySeconds.count"] == 900)
        #expect(abs(try #require(result["sent"]) - 600) <= 60)
        #expect(result["rate"] == 50)
        #expect(result["window"] == nil)
    }

    @Test("idle: connections are held, in rooms or in none", arguments: [0, 1, 5])
    func idle(members: Int) async throws {
        let result = try await run("idle", ["--connections", "100", "--members", "\(members)"] + Self.short)
        #expect(result["connections"] == 100)
        #expect(result["server.residentBytesPerConnection"] != nil)
        #expect(result["deliveries"] == nil)
    }

    @Test("connect: rooms fill and empty, and cut-off guests take their slots back", arguments: [1, 3])
    func connect(members: Int) async throws {
        let arguments = ["--connections", "60", "--members", "\(members)", "--in-flight", "4", "--warmup", "0.1"]
        let result = try await run("connect", arguments)
        let connections = try #require(result["connections"])
        #expect(connections >= 60 && connections < 60 + 4 * 3)
        #expect(result["connectionsPerSecond"] ?? 0 > 0)
        #expect(result["latencySeconds.count"] ?? 0 > 0)
        // A room of one has no guests.
        #expect((result["joinsPerSecond"] == nil) == (members == 1))
        #expect((result["rejoinsPerSecond"] == nil) == (members == 1))
    }

    @Test("churn: guests come and go, and those who stay miss nothing")
    func churn() async throws {
        let result = try await run(
            "churn", ["--rooms", "3", "--members", "4", "--rate", "50", "--seconds", "1", "--warmup", "0.2"])
        #expect(result["latencySeconds.count"] == 150)
        #expect(result["rejoinsPerSecond"] ?? 0 > 0)
    }

    @Test("the summary contains the figures")
    func summary() async throws {
        let relay = try await RelayRun()
        let outcome = try await ProgramRun("party-load", ["state", "--url", relay.url, "--rooms", "2"] + Self.short)
            .end()
        #expect(outcome.status == 0)
        #expect(outcome.errors.isEmpty)
        for word in ["state, 2 rooms of 4, 64 B, window 4", "deliveries/s", "p99", "of a core"] {
            #expect(outcome.output.contains(word))
        }
    }
}
