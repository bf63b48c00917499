import RelayEngine
import RelayWire
import Testing

@Suite("Requests on one connection", .blocking)
struct ConnectionTests {
    /// Six requests and what their answers must be, in this order.
    private static let pipeline =
        TestClient.request("/health") + TestClient.request("/room/111111")
        + TestClient.request("/nothing", method: "HEAD") + TestClient.request("/health", method: "POST")
        + TestClient.request("/x", method: "OPTIONS") + TestClient.request("/health")

    private func expectPipeline(_ client: TestClient) throws {
        #expect(try client.reply().body == #"{"status":"ok"}"#)
        #expect(try client.reply().status == 404)
        #expect(try client.reply(isHead: true).status == 200)
        #expect(try client.reply().status == 405)
        #expect(try client.reply().status == 204)
        #expect(try client.reply().body == #"{"status":"ok"}"#)
    }

    @Test("requests in one segment are answered in order, again and again", arguments: [1, 2, 4])
    func pipelined(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let client = try relay.dial()
            for _ in 0..<10 {
                client.write(Self.pipeline)
                try expectPipeline(client)
            }
        }
    }

    @Test("requests are read alike wherever the segments end", arguments: [1, 2])
    func split(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let bytes = Array(Self.pipeline.utf8)
            let client = try relay.dial()
            for cut in stride(from: 1, to: bytes.count, by: 7) {
                client.write(Array(bytes[..<cut]))
                if cut > 60 { #expect(try client.reply().status == 200) }
                client.write(Array(bytes[cut...]))
                if cut <= 60 { #expect(try client.reply().status == 200) }
                #expect(try client.reply().status == 404)
                #expect(try client.reply(isHead: true).status == 200)
                #expect(try client.reply().status == 405)
                #expect(try client.reply().status == 204)
                #expect(try client.reply().status == 200)
            }
            for byte in bytes { client.write([byte]) }
            try expectPipeline(client)
        }
    }

    @Test(
        "long pipelines of many clients are answered to their ends, and so is a request beside them", arguments: [1, 2])
    func manyPipelines(loops: Int) async throws {
        let requests =
            TestClient.request("/metrics") + TestClient.request("/metrics", method: "HEAD")
            + TestClient.request("/room/111111")
        try await withRelay(loops: loops) {
            $0.transport.messagesPerSecond = 0
            $0.transport.maxQueuedBytes = 0
        } _: { relay in
            let clients = try (0..<20).map { _ in try relay.dial() }
            for client in clients { client.write(String(repeating: requests, count: 30)) }
            #expect(try relay.get("/health").status == 200)
            for client in clients {
                for _ in 0..<30 {
                    #expect(try client.reply()["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
                    #expect(try client.reply(isHead: true).status == 200)
                    #expect(try client.reply().status == 404)
                }
            }
        }
    }

    @Test("one empty line before a request is skipped, for the first request and for a later one")
    func emptyLine() async throws {
        try await withRelay { relay in
            let client = try relay.dial()
            client.write("\r\n")
            for _ in 0..<3 {
                client.write(TestClient.request("/health") + "\r\n" + TestClient.request("/room/111111") + "\r\n")
                #expect(try client.reply().status == 200)
                #expect(try client.reply().status == 404)
            }
        }
    }

    @Test("a long pipeline is answered completely, also if the client closes its sending side behind it")
    func halfClosed() async throws {
        try await withRelay(loops: 2) { relay in
            let client = try relay.dial()
            client.write(String(repeating: Self.pipeline, count: 40))
            client.socket.finishWriting()
            for _ in 0..<40 { try expectPipeline(client) }
            try client.expectEnd()
        }
    }

    @Test("answers that wait for a slow client are still sent after it has closed its sending side")
    func halfClosedAndSlow() async throws {
        try await withRelay {
            $0.transport.maxQueuedBytes = 0
        } _: { relay in
            let client = try relay.dial(receiveBuffer: 16 << 10)
            client.write(String(repeating: TestClient.request("/metrics"), count: 800))
            client.socket.finishWriting()
            // Each of these takes the loop a turn at least: more turns than it needs to answer all and to read the end.
            for _ in 0..<200 { #expect(try relay.get("/health").status == 200) }
            for _ in 0..<800 { #expect(try client.reply().status == 200) }
            try client.expectEnd()
        }
    }

    @Test("the connection ends after the answer when the client asks for that, and when a body follows")
    func closing() async throws {
        let last = [
            TestClient.request("/health", headers: ["Connection: close"]),
            "GET /health HTTP/1.0\r\n\r\n",
            TestClient.request("/health", headers: ["Content-Length: 4"]) + "oops",
            TestClient.request("/health", headers: ["Transfer-Encoding: chunked"]) + "0\r\n\r\n",
        ]
        try await withRelay { relay in
            for request in last {
                let client = try relay.dial()
                client.write(TestClient.request("/health") + request + TestClient.request("/health"))
                #expect(try client.reply()["Connection"] == nil)
                let reply = try client.reply()
                #expect(reply.status == 200)
                #expect(reply["Connection"] == "close")
                try client.expectEnd()
            }
        }
    }

    @Test("a client of HTTP/1.0 that asks for it keeps its connection")
    func keepAliveOfOldClients() async throws {
        try await withRelay { relay in
            let client = try relay.dial()
            for _ in 0..<3 {
                client.write("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try client.reply()["Connection"] == "keep-alive")
            }
        }
    }

    @Test(
        "malformed input gets a short 4xx and the end of the connection",
        arguments: [
            "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET\r\n\r\n", "nonsense\r\n\r\n",
            "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
            "GET / HTTP/1.1\nHost: x\n\n", "GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nName : y\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET /\u{E9} HTTP/1.1\r\nHost: x\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}",
            "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nX: a\u{0}b\r\n\r\n",
        ])
    func malformed(request: String) async throws {
        try await withRelay { relay in
            let client = try relay.dial()
            client.write(request)
            let reply = try client.reply()
            #expect(reply.status == 400)
            #expect(reply.allowsEveryOrigin)
            #expect(reply["Connection"] == "close")
            #expect((1..<100).contains(reply.body.utf8.count))
            try client.expectEnd()
            #expect(relay.engine.statistics().badRequests == 1)
        }
    }
}
