import Testing

@testable import party_load

@Suite("What the load generator says by itself", .serialized, .timeLimit(.minutes(5)))
struct ReasonTests {
    private static let small = ["--rooms", "2", "--members", "3"]

    @Test(
        "what a relay or another server refuses is told",
        arguments: [
            (["MAX_CONNECTIONS": "1"], "status 503: it is full, see MAX_CONNECTIONS"),
            (["MAX_ROOMS": "1"], "it says: Server is full"),
            (["ALLOWED_ORIGINS": "https://game.example"], "ALLOWED_ORIGINS does not have http://party-load.invalid"),
        ])
    func reasons(settings: [String: String], reason: String) async throws {
        let relay = try await RelayRun(settings)
        let outcome = try await ProgramRun(
            "party-load", ["state", "--url", relay.url, "--seconds", "0.2", "--warmup", "0"] + Self.small
        ).end()
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("party-load: ") && outcome.errors.contains(reason))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test(
        "a server that is none, or no relay, is told from others",
        arguments: [
            // A close with bytes unread is a reset.
            (MisbehavingServer.Manner.hangsUp, ["it hangs up on the upgrade", "Connection reset by peer"]),
            (.noHTTP, ["it does not speak HTTP"]), (.wrongProof, ["agrees to no WebSocket"]), (.error, ["it says: "]),
        ])
    func strangers(manner: MisbehavingServer.Manner, reasons: [String]) async throws {
        let server = try MisbehavingServer(manner)
        let outcome = try await ProgramRun("party-load", ["state", "--url", server.url] + Self.small).end()
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("party-load: cannot connect to \(server.url): "))
        #expect(reasons.contains { outcome.errors.contains($0) })
    }

    @Test("a load that the relay has throttled is told apart from one that it has not")
    func throttled() async throws {
        let arguments = ["state", "--seconds", "3", "--warmup", "0", "--window", "64"] + Self.small
        for (limit, isThrottled) in [("20", true), ("0", false)] {
            let relay = try await RelayRun(["MESSAGES_PER_SECOND": limit])
            let result = try await LoadResult(
                ProgramRun("party-load", arguments + ["--json", "--url", relay.url]).end())
            #expect(result.status == 0)
            #expect(result["throttled"] == (isThrottled ? 1 : 0))
            let outcome = try await ProgramRun("party-load", arguments + ["--url", relay.url]).end()
            #expect(outcome.status == 0)
            #expect(outcome.errors.contains("MESSAGES_PER_SECOND=0") == isThrottled)
        }
    }

    /// A page with two counts of the limit, as the relay of that instance writes it.
    private static func page(_ instance: String, start: Double = 1.5, _ first: Int, _ second: Int = 0) -> String {
        """
        # TYPE party_sockets_limits_total counter
        party_sockets_limits_total{instance="\(instance)",limit="message_bytes"} \(first + second + 1)
        party_sockets_limits_total{instance="\(instance)",region="a",limit="messages_per_second"} \(first)
        party_sockets_limits_total{instance="\(instance)",region="b",limit="messages_per_second"} \(second)
        process_start_time_seconds{instance="\(instance)"} \(start)
        other{limit="messages_per_second"} \(first + second + 9)

        """
    }

    @Test(
        "the limit has struck where one relay's count of it has grown, and nobody knows where another relay answers",
        arguments: [
            (page("a", 2), true), (page("a", 1, 1), true), (page("a", 1), false),
            (page("b", 2), nil), (page("a", start: 2.5, 2), nil), (page("a", start: 2.5, 0), nil),
        ] as [(String, Bool?)])
    func metrics(page: String, hasGrown: Bool?) throws {
        let before = try #require(Throttling.Counts(in: Self.page("a", 1)))
        let after = try #require(Throttling.Counts(in: page))
        #expect(after.haveGrown(since: before) == hasGrown)
    }

    @Test(
        "other pages have no count of the limit",
        arguments: [
            "", "<html>", #"party_sockets_limits_total{limit="message_bytes"} 7"#,
            #"other{limit="messages_per_second"} 9"#,
        ])
    func otherPages(page: String) {
        #expect(Throttling.Counts(in: page) == nil)
    }

    @Test("without being told, it measures the process that listens at the URL's port")
    func foundProcess() async throws {
        let relays = [try await RelayRun(), try await RelayRun()]
        for relay in relays {
            let result = try await LoadResult(
                "state", ["--url", relay.url, "--seconds", "0.2", "--warmup", "0"] + Self.small)
            #expect(result.status == 0)
            #expect(result["server.pid"] == Double(relay.program.identifier))
        }
    }

    @Test(
        "an address is this machine's own, or another's",
        arguments: [
            ("127.0.0.1", true), ("127.8.9.10", true), ("192.0.2.77", false),
        ])
    func ownAddress(text: String, isOwn: Bool) throws {
        #expect(try SocketAddress(host: text, port: 3_000, isNumeric: true).isOfThisMachine == isOwn)
    }
}
