import LiveClient
import Testing

extension LiveTests {
    @Suite("Answers of every deployment")
    struct HealthTests {
        @Test("every page may read that /health is ok")
        func health() async throws {
            try await withVisit { visit in
                let reply = try await visit.get("/health", headers: [("Origin", "https://game.example")])
                #expect(reply.status == 200, "\(reply)")
                #expect(reply.body == #"{"status":"ok"}"#, "\(reply)")
                #expect(reply["Access-Control-Allow-Origin"] == "*", "\(reply)")
            }
        }

        @Test("text that is no code is answered as an unknown room, and upgrades to it are accepted")
        func noCode() async throws {
            try await withVisit { visit in
                let reply = try await visit.get("/room/0OIl")
                #expect(reply.status == 404, "\(reply)")
                #expect(reply.body == #"{"error":"Room not found"}"#, "\(reply)")
                _ = try await visit.connect("/0OIl", as: "host").create()
            }
        }

        @Test("malformed requests get a 4xx, not an error of the server")
        func malformed() async throws {
            try await withVisit { visit in
                for target in ["/%zz", "/room/%", "/room/%00"] {
                    let reply = try await visit.get(target)
                    #expect((400..<500).contains(reply.status), "\(reply)")
                }
            }
        }
    }
}
