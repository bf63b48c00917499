import Foundation
import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("The fields of every answer", .blocking)
struct AnswerFieldsTests {
    private static let routing = RoutingIdentity(
        isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))

    /// A request, and the status of its answer.
    struct Example: Sendable, CustomTestStringConvertible {
        let status: Int
        let request: String

        init(_ status: Int, _ request: String) {
            self.status = status
            self.request = request
        }

        var testDescription: String { "\(status): \(request.prefix(60))" }
    }

    private static func upgrade(_ target: String, _ headers: [String] = []) -> String {
        TestClient.request(target, headers: TestClient.upgradeFields + headers)
    }

    static let examples = [
        Example(200, TestClient.request("/health")), Example(200, TestClient.request("/ready")),
        Example(200, TestClient.request("/metrics")), Example(404, TestClient.request("/room/111111?instance=m-1")),
        Example(302, TestClient.request("/")), Example(204, TestClient.request("/x", method: "OPTIONS")),
        Example(405, TestClient.request("/", method: "POST")),
        Example(400, TestClient.request("/%zz")),
        Example(302, TestClient.request("/x?instance=no_machine")),
        Example(409, TestClient.request("/?instance=m-2")), Example(409, upgrade("/?instance=m-2")),
        // What the parser of heads refuses.
        Example(400, "nonsense\r\n\r\n"), Example(400, "GET / HTTP/1.1\r\n\r\n"),
        Example(431, TestClient.request("/" + String(repeating: "x", count: 20_000))),
        Example(431, TestClient.request("/", headers: (0..<101).map { "X: \($0)" })),
        // Handshakes.
        Example(101, upgrade("/")), Example(101, upgrade("/", ["Sec-WebSocket-Protocol: party"])),
        Example(400, upgrade("/", ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="])),
        Example(403, upgrade("/", ["Origin: https://evil.test"])),
    ]

    @Test("each answer may be read by every page, is dated, and is kept by no cache", arguments: examples)
    func fields(example: Example) async throws {
        try await withRelay(dashboardURL: "https://grafana.test/") {
            $0.identity = Self.routing
            $0.allowedOrigins = try? AllowedOrigins("https://a.test")
        } _: { relay in
            let client = try relay.dial()
            client.write(example.request)
            let reply = try client.reply()
            #expect(reply.status == example.status)
            try Self.check(reply)
        }
    }

    @Test("so do those of a relay that is full, drains, or has seen too many unknown codes")
    func refusals() async throws {
        try await withRelay {
            $0.maxConnections = 1
            $0.missesPerMinute = 1
            $0.clientIPHeader = HeaderName("x-client")
        } _: { relay in
            let only = try relay.connect()
            try only.create()
            let full = try relay.get("/", headers: TestClient.upgradeFields)
            #expect(full.status == 503)
            let client = ["X-Client: 203.0.113.7"]
            _ = try relay.get("/room/111111", headers: client)
            let blocked = try relay.get("/room/111111", headers: client)
            #expect(blocked.status == 429)
            relay.engine.beginDrain()
            let draining = try relay.get("/ready")
            #expect(draining.status == 503)
            for reply in [full, blocked, draining] { try Self.check(reply) }
        }
    }

    @Test("HEAD has them too")
    func head() async throws {
        try await withRelay { relay in try Self.check(try relay.get("/health", method: "HEAD")) }
    }

    private static func check(_ reply: HTTPReply) throws {
        #expect(reply["Access-Control-Allow-Origin"] == "*")
        #expect(reply["Access-Control-Expose-Headers"] == "X-Instance-Id, Retry-After")
        #expect(reply["Cache-Control"] == "no-store")
        let date = try #require(reply["Date"])
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        let moment = try #require(formatter.date(from: date), "\(date)")
        #expect(abs(moment.timeIntervalSinceNow) < 60, "\(date)")
        #expect(formatter.string(from: moment) == date)
    }
}
