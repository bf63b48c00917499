import RelayCore
import RelayServer
import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("The bodies of the HTTP API")
struct RelayHTTPServiceTests {
    private static func service(_ variables: [String: String] = ["INSTANCE_ID": "one"]) throws -> RelayHTTPService {
        RelayHTTPService(try Environment.configuration(variables))
    }

    /// The whole answer, as it goes to a client that keeps its connection.
    private static func text(_ response: HTTPResponse) -> String {
        var bytes: [UInt8] = []
        response.append(to: &bytes, isHead: false, isKeepAlive: true, date: DateField(second: 784_111_777))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func answer(_ status: String, _ headers: [String], _ body: String = "") -> String {
        let common = [
            "HTTP/1.1 \(status)", "Access-Control-Allow-Origin: *",
            "Access-Control-Expose-Headers: X-Instance-Id, Retry-After", "Cache-Control: no-store",
            "Date: Sun, 06 Nov 1994 08:49:37 GMT",
        ]
        return (common + headers + ["", body]).joined(separator: "\r\n")
    }

    @Test("health is a constant")
    func health() throws {
        #expect(
            RelayHTTPServiceTests.text(try RelayHTTPServiceTests.service().health())
                == RelayHTTPServiceTests.answer(
                    "200 OK", ["Content-Type: application/json", "Content-Length: 15"], "{\"status\":\"ok\"}"))
    }

    @Test(
        "readiness tells if new games may start",
        arguments: [
            (.ready, "200 OK", "{\"status\":\"ready\"}"),
            (.draining, "503 Service Unavailable", "{\"status\":\"draining\"}"),
            (.full, "503 Service Unavailable", "{\"status\":\"full\"}"),
        ] as [(Readiness, String, String)])
    func ready(readiness: Readiness, status: String, body: String) throws {
        #expect(
            RelayHTTPServiceTests.text(try RelayHTTPServiceTests.service().ready(readiness, takesRooms: false))
                == RelayHTTPServiceTests.answer(
                    status, ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"], body))
    }

    @Test(
        "a room's description has its fields in this order, escaped as JSON, and the url only if there is one",
        arguments: [
            (
                RoomSummary(clients: 2, maxClients: 8, origin: "https://a.example", url: nil),
                #"{"clients":2,"maxClients":8,"origin":"https://a.example"}"#
            ),
            (
                RoomSummary(clients: 0, maxClients: 1_000, origin: "unknown", url: "https://c.example/?r=Ab3"),
                #"{"clients":0,"maxClients":1000,"origin":"unknown","url":"https://c.example/?r=Ab3"}"#
            ),
            (
                RoomSummary(clients: 1, maxClients: Int.max, origin: "\"\\\t\u{1}\u{1F}/é\u{FFFD}", url: "\n"),
                #"{"clients":1,"maxClients":9223372036854775807,"origin":"\"\\\t\u0001\u001f/é"# + "\u{FFFD}"
                    + #"","url":"\n"}"#
            ),
        ])
    func room(summary: RoomSummary, body: String) throws {
        #expect(
            RelayHTTPServiceTests.text(try RelayHTTPServiceTests.service().room(summary))
                == RelayHTTPServiceTests.answer(
                    "200 OK",
                    ["Content-Type: application/json", "Content-Length: \(body.utf8.count)", "X-Instance-Id: one"], body
                ))
    }

    @Test("a missing room is answered with 404 by this instance", arguments: ["one", ""])
    func noRoom(instance: String) throws {
        let service = try RelayHTTPServiceTests.service(["INSTANCE_ID": instance])
        #expect(
            RelayHTTPServiceTests.text(service.room(nil))
                == RelayHTTPServiceTests.answer(
                    "404 Not Found",
                    ["Content-Type: application/json", "Content-Length: 26", "X-Instance-Id: \(instance)"],
                    "{\"error\":\"Room not found\"}"))
    }

    @Test("a client with too many unknown codes is told when to retry")
    func tooManyAttempts() throws {
        #expect(
            RelayHTTPServiceTests.text(try RelayHTTPServiceTests.service().tooManyAttempts(retryAfter: 7))
                == RelayHTTPServiceTests.answer(
                    "429 Too Many Requests",
                    [
                        "Content-Type: application/json", "Content-Length: 29", "X-Instance-Id: one", "Retry-After: 7",
                    ], "{\"error\":\"Too many attempts\"}"))
    }

    @Test(
        "the front shows this machine's rooms and clients, a line each, if there is no dashboard",
        arguments: [["INSTANCE_ID": "one"], ["DASHBOARD_URL": ""], ["FLY_APP_NAME": "party", "DASHBOARD_URL": ""]])
    func frontWithoutDashboard(variables: [String: String]) throws {
        let front = try RelayHTTPServiceTests.service(variables).front(rooms: 1, clients: 12)
        #expect(
            RelayHTTPServiceTests.text(front)
                == RelayHTTPServiceTests.answer(
                    "200 OK", ["Content-Type: text/plain; charset=utf-8", "Content-Length: 21"],
                    "rooms: 1\nclients: 12\n"))
    }

    @Test(
        "the front points to the dashboard if there is one",
        arguments: [
            (["DASHBOARD_URL": "https://d.example/x?y=z"], "https://d.example/x?y=z"),
            (["FLY_APP_NAME": "party"], "https://fly-metrics.net/d/fly-app/fly-app?var-app=party"),
        ])
    func frontWithDashboard(variables: [String: String], location: String) throws {
        let front = try RelayHTTPServiceTests.service(variables).front(rooms: 1, clients: 12)
        #expect(
            RelayHTTPServiceTests.text(front)
                == RelayHTTPServiceTests.answer("302 Found", ["Content-Length: 0", "Location: \(location)"]))
    }

    @Test("metrics are text of the format's version, labelled with what the configuration says")
    func metrics() throws {
        let service = try RelayHTTPServiceTests.service(["INSTANCE_ID": "one", "REGION": "fra"])
        let response = service.metrics(MadeUpStatistics().statistics)
        #expect(response.status == .ok)
        #expect(response.contentType == "text/plain; version=0.0.4; charset=utf-8")
        let page = try ExpositionFormat(response.body)
        #expect(
            page.samples(of: "party_sockets_rooms").map(\.labels)
                == [["instance": "one", "region": "FRA", "version": RelayVersion.current]])
    }
}
