import Foundation
import RelayCore
import RelayEngine
import RelayServer
import Testing

@Suite("Served files", .blocking)
struct FileTests {
    /// A path, the type of its file, and the file's place in the sources.
    static let files = [
        ("/client.js", "text/javascript; charset=utf-8", "party-sockets-js/client.js"),
        ("/client.d.ts", "text/plain; charset=utf-8", "party-sockets-js/client.d.ts"),
        ("/demo", "text/html; charset=utf-8", "demo/index.html"),
    ]
    private static let paths = files.map(\.0)

    @Test("a file is served as it is in the sources, and caches may keep it for minutes", arguments: files)
    func content(path: String, mediaType: String, source: String) async throws {
        let sources = URL(filePath: #filePath).appending(path: "../../../../Sources").standardized
        let content = try String(contentsOf: sources.appending(path: source), encoding: .utf8)
        try await withRelay(loops: 2, dashboardURL: "https://grafana.test/") { relay in
            let reply = try relay.get(path)
            #expect(reply.status == 200)
            #expect(reply.body == content)
            #expect(reply["Content-Type"] == mediaType)
            #expect(reply["Cache-Control"] == "public, max-age=300")
            #expect(try #require(reply["ETag"]).wholeMatch(of: /"[0-9a-f]{32}"/) != nil)
            #expect(reply.allowsEveryOrigin)
            #expect(reply["Date"] != nil)
            #expect(try relay.get(path)["ETag"] == reply["ETag"])
            #expect(reply["Content-Security-Policy"] == (path == "/demo" ? "frame-ancestors 'none'" : nil))
            let head = try relay.get(path, method: "HEAD")
            #expect(head.fields.filter { $0.name != "Date" } == reply.fields.filter { $0.name != "Date" })
        }
    }

    @Test("files with other bytes have other tags")
    func tags() async throws {
        try await withRelay { relay in
            let tags = try Set(Self.paths.map { try relay.get($0)["ETag"] })
            #expect(tags.count == 3)
        }
    }

    @Test("whoever has the file is told so, without its bytes", arguments: paths, ["GET", "HEAD"])
    func notModified(path: String, method: String) async throws {
        try await withRelay { relay in
            let tag = try #require(try relay.get(path)["ETag"])
            let client = try relay.dial()
            for list in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                client.sendRequest(path, method: method, headers: ["If-None-Match: \(list)"])
                let reply = try client.reply()
                #expect(reply.status == 304, "\(list)")
                #expect(reply["ETag"] == tag)
                #expect(reply["Cache-Control"] == "public, max-age=300")
                #expect(reply["Content-Length"] == nil)
                #expect(reply.allowsEveryOrigin)
            }
            for list in ["\"x\"", tag.replacing("\"", with: ""), ""] {
                client.sendRequest(path, method: method, headers: ["If-None-Match: \(list)"])
                #expect(try client.reply(isHead: method == "HEAD").status == 200, "\(list)")
            }
        }
    }

    @Test(
        "a path is decoded, and empty segments name nothing; any other path has no file",
        arguments: [
            ("//demo/", true), ("/%64emo", true), ("/client%2Ejs", true), ("/client.js/", true), ("/demo?x=1", true),
            ("http://relay.test/client.d.ts", true), ("/demo/x", false), ("/Demo", false), ("/demo.html", false),
            ("/client", false), ("/client.ts", false), ("/client.js.map", false), ("/room/demo", false),
            ("/x/client.js", false), ("/client.js%00", false), ("/demos", false),
        ])
    func spelling(target: String, isFile: Bool) async throws {
        try await withRelay { relay in
            let tag = try relay.get(target)["ETag"]
            #expect((tag != nil) == isFile)
        }
    }

    @Test("another method gets 405, and OPTIONS a preflight", arguments: paths)
    func methods(path: String) async throws {
        try await withRelay { relay in
            for method in ["POST", "PUT", "DELETE"] {
                let reply = try relay.get(path, method: method)
                #expect(reply.status == 405)
                #expect(reply["Allow"] == "GET, HEAD, OPTIONS")
                #expect(reply["Cache-Control"] == "no-store")
            }
            #expect(try relay.get(path, method: "OPTIONS").status == 204)
        }
    }

    @Test("an upgrade at the path of a file is a WebSocket, as at any other", arguments: paths, [true, false])
    func upgrade(path: String, servesDemo: Bool) async throws {
        try await withRelay(loops: 2) {
            $0.servesDemo = servesDemo
        } _: { relay in
            try relay.connect(path).create()
            let lost = try relay.get(path, headers: ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="])
            #expect(lost.status == 426)
        }
    }

    @Test("without the demo its path is like any other, and the other files stay", arguments: [nil, "https://g.test/"])
    func withoutDemo(dashboardURL: String?) async throws {
        try await withRelay(dashboardURL: dashboardURL) {
            $0.servesDemo = false
        } _: { relay in
            let (demo, other) = (try relay.get("/demo"), try relay.get("/other"))
            #expect(demo.status == (dashboardURL == nil ? 200 : 302))
            #expect(demo.body == other.body)
            #expect(demo["Location"] == dashboardURL)
            #expect(demo["ETag"] == nil)
            #expect(try relay.get("/client.js")["ETag"] != nil)
            #expect(try relay.get("/client.d.ts")["ETag"] != nil)
        }
    }

    @Test("with routing on, a file is served here, whatever machine or fallback the request names")
    func routing() async throws {
        try await withRelay(dashboardURL: "https://g.test/") {
            $0.identity = RoutingIdentity(isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        } _: { relay in
            for path in Self.paths {
                for pin in ["m-1", "m-2", "no_machine", ""] {
                    let reply = try relay.get("\(path)?instance=\(pin)")
                    #expect(reply.status == 200, "\(path) \(pin)")
                }
                let fallback = try relay.get("\(path)?instance=m-2", headers: ["fly-replay-failed: x"])
                #expect(fallback.status == 200)
                // A WebSocket there is routed as at any other path.
                let upgrade = try relay.get("\(path)?instance=m-2", headers: TestClient.upgradeFields)
                #expect(upgrade.status == 409)
            }
        }
    }

    @Test("with the demo off, a pin on its path counts as on any other")
    func routingWithoutDemo() async throws {
        try await withRelay {
            $0.identity = RoutingIdentity(isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
            $0.servesDemo = false
        } _: { relay in
            let (pinned, stale) = (try relay.get("/demo?instance=m-2"), try relay.get("/demo?instance=no_machine"))
            #expect(pinned.status == 409)
            #expect(stale["Location"] == "/demo")
        }
    }

    @Test("the admin port has no files", arguments: paths)
    func adminPort(path: String) async throws {
        try await withRelay {
            $0.metricsPort = 0
        } _: { relay in
            let admin = try TestClient(port: try #require(relay.engine.metricsPort))
            admin.sendRequest(path)
            #expect(try admin.reply().status == 404)
        }
    }

    @Test("whoever asks for files without end and reads none holds no more than a few turns' answers")
    func unread() async throws {
        try await withRelay {
            $0.transport.messagesPerSecond = 0
        } _: { relay in
            let greedy = try relay.dial(receiveBuffer: 4 << 10)
            let requests = Array(String(repeating: TestClient.request("/client.js"), count: 50_000).utf8)
            _ = greedy.socket.writeSome(requests[...])
            // Others are served meanwhile.
            for _ in 0..<50 {
                #expect(try relay.get("/client.js").status == 200)
                #expect(relay.engine.statistics().bufferedBytes < 4 << 20)
            }
        }
    }
}
