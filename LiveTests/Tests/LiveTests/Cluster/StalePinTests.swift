import LiveClient
import Testing

extension LiveTests {
    @Suite("Pins to no machine")
    struct StalePinTests {
        /// The id of a machine that never existed.
        private static let gone = "0" + String(UInt64.random(in: 1 << 48..<1 << 52), radix: 16)

        /// Invalid pins, some of them with line breaks that would add a header to the answer.
        private static let crooked = [
            "gone%0d%0aX-Injected:%20yes", "gone%0aX-Injected:%20yes", "gone%0d%0a%0d%0aX-Injected:%20yes",
            "gone%e5%98%8a%e5%98%8dX-Injected:%20yes", "gone;region=nrt", "gone;app=other", "a%20b", "a%00b",
            "https://elsewhere.example/", String(repeating: "x", count: 65), "",
        ]

        @Test(
            "a page pinned to a machine that is gone is served by another machine of the same site",
            arguments: crooked + [gone])
        func page(pin: String) async throws {
            try await withVisit { visit in
                let reply = try await follow("/health?a=1&instance=\(pin)&b=2", visit: visit)
                #expect(reply.body == #"{"status":"ok"}"#, "\(reply)")
            }
        }

        @Test("a game pinned to a machine that is gone is let in", arguments: crooked + [gone])
        func game(pin: String) async throws {
            try await withVisit { visit in
                _ = try await visit.connect("/?instance=\(pin)", as: "host").create()
            }
        }

        @Test(
            "no path redirects off the site or reaches a header, pinned or not",
            arguments: [
                "//elsewhere.example/", "//elsewhere.example", "/%2f/elsewhere.example/", "/\\elsewhere.example/",
                "/%5celsewhere.example/", "/%09/elsewhere.example/", "/%0d%0aX-Injected:%20yes",
                "/room/%0d%0aX-Injected:%20yes", "/%0aX-Injected:%20yes?%0d%0aX-Injected:%20yes",
            ], ["", gone])
        func path(path: String, pin: String) async throws {
            try await withVisit { visit in
                let query = pin.isEmpty ? "" : (path.contains("?") ? "&instance=" : "?instance=") + pin
                _ = try await follow(path + query, visit: visit)
            }
        }

        @Test("a room is found by a page whose pin to it is stale")
        func room() async throws {
            try await withVisit { visit in
                let room = try await visit.room()
                let reply = try await follow("/room/\(room.code)?instance=\(Self.gone)", visit: visit)
                #expect(reply.status == 200, "\(reply)")
                #expect(reply.instance ?? "" == room.created.instance, "\(reply)")
            }
        }

        @Test("in a cluster a page with a stale pin is redirected to itself without it", .needsTwoMachines)
        func redirect() async throws {
            try await withVisit { visit in
                let reply = try await visit.get("/health?a=1&instance=\(Self.gone)&b=2")
                #expect(reply.status == 302, "\(reply)")
                #expect(reply["Location"] == "/health?a=1&b=2", "\(reply)")
            }
        }

        /// Follows redirects within the site to an answer, and checks each one on the way.
        private func follow(_ target: String, visit: Visit) async throws -> Reply {
            var target = target
            for _ in 0..<3 {
                let reply = try await visit.get(target)
                #expect(reply.status < 500, "\(reply)")
                #expect(reply["X-Injected"] == nil, "\(reply)")
                #expect(reply["fly-replay"] == nil, "\(reply)")
                guard let location = reply["Location"], location.hasPrefix("/") else {
                    // The dashboard's address, or the final answer.
                    return reply
                }
                #expect(!location.hasPrefix("//") && !location.hasPrefix("/\\"), "\(reply)")
                #expect(!location.contains("instance="), "\(reply)")
                #expect(location.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "\(reply)")
                target = location
            }
            throw Unexpected(at: "GET \(visit.site.url)\(target)", expected: "an answer", got: "one redirect more")
        }
    }
}
