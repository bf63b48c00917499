import RelayWire
import Testing

@testable import RelayEngine

@Suite("Requests with a body")
struct BodyTests {
    private static func put(
        _ target: String, _ body: String, length: Int? = nil, fields: [String] = []
    ) -> [UInt8] {
        let lines =
            ["PUT \(target) HTTP/1.1", "Host: a", "Content-Length: \(length ?? body.utf8.count)"] + fields + ["", body]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    private static func get(_ target: String) -> [UInt8] {
        Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    }

    private static func write(_ bytes: [UInt8], to client: SocketPair) {
        #expect(SocketResult.write(bytes, to: client.far) == .wrote(bytes.count))
    }

    /// What the client has been told so far.
    private static func answers(to client: SocketPair) -> String {
        guard case .read(let bytes) = SocketResult.read(client.far) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func stepped(
        limit: Int = 1 << 20, _ configure: (inout TransportSettings) -> Void = { _ in }
    ) throws -> SteppedLoop {
        let stepped = try SteppedLoop(configure)
        stepped.handler.bodyLimit = limit
        return stepped
    }

    @Test("wherever its bytes are split it is answered once and whole, and what follows it is the next request")
    func split() throws {
        let stepped = try Self.stepped()
        // A body that would be a request, if it were read as one.
        let body = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        let bytes = Self.put("/a", body) + Self.get("/b") + Self.put("/c", "x")
        for end in 1...bytes.count {
            let (connection, client) = stepped.open()
            let before = stepped.handler.requests.count
            Self.write(Array(bytes[..<end]), to: client)
            stepped.turn()
            if end < bytes.count {
                Self.write(Array(bytes[end...]), to: client)
                stepped.turn()
            }
            #expect(Array(stepped.handler.requests[before...]) == ["/a", "/b", "/c"], "\(end)")
            #expect(Array(stepped.handler.bodies[before...]) == [body, "", "x"], "\(end)")
            #expect(connection.owesNothing, "\(end)")
            client.closeFar()
        }
    }

    @Test("byte after byte its head is parsed once")
    func slowly() throws {
        let stepped = try Self.stepped()
        let (_, client) = stepped.open()
        for byte in Self.put("/a", "hello") + Self.get("/b") {
            Self.write([byte], to: client)
            stepped.turn()
        }
        #expect(stepped.handler.requests == ["/a", "/b"])
        #expect(stepped.handler.bodies == ["hello", ""])
        #expect(stepped.handler.limitsAsked == 1)
        #expect(Self.answers(to: client).occurrences(of: "HTTP/1.1 200 OK") == 2)
    }

    @Test(
        "one over the limit is refused before it is read, and so is one whose length is not announced",
        arguments: [
            (5, nil, "200 OK"), (4, nil, "413 Content Too Large"), (5, "Transfer-Encoding: chunked", "411 Length"),
        ] as [(Int, String?, String)])
    func limit(limit: Int, coding: String?, status: String) throws {
        let stepped = try Self.stepped(limit: limit)
        let (connection, client) = stepped.open()
        if let coding {
            Self.write(Array("PUT /a HTTP/1.1\r\nHost: a\r\n\(coding)\r\n\r\n".utf8), to: client)
        } else {
            Self.write(Self.put("/a", "hello"), to: client)
        }
        stepped.turn()
        let isRefused = !status.hasPrefix("200")
        #expect(Self.answers(to: client).hasPrefix("HTTP/1.1 \(status)"))
        #expect(connection.phase == (isRefused ? .closing : .http))
        #expect(stepped.handler.requests.isEmpty == isRefused)
        #expect(stepped.loop.counters.badRequests.current == (isRefused ? 1 : 0))
    }

    @Test("one that nobody wants is not read: its request is answered by its head, and the connection closes")
    func unwanted() throws {
        let stepped = try Self.stepped(limit: 0)
        let (connection, client) = stepped.open()
        Self.write(Self.put("/a", "GET /b HTTP/1.1\r\nHost: a\r\n\r\n") + Self.get("/c"), to: client)
        stepped.turn()
        #expect(stepped.handler.requests == ["/a"])
        #expect(stepped.handler.bodies == [""])
        #expect(connection.phase == .closing)
        #expect(Self.answers(to: client).contains("Connection: close"))
    }

    @Test("one that stalls is given up when its request has had its time, however often a byte of it comes")
    func stalled() throws {
        let stepped = try Self.stepped()
        let (connection, client) = stepped.open()
        Self.write(Self.get("/first") + Self.put("/a", "", length: 100), to: client)
        stepped.turn()
        let seconds = TransportSettings().handshakeTimeout
        for _ in 1..<seconds {
            Self.write([0x78], to: client)
            stepped.loop.becameReadable(connection)
            stepped.letTimePass(seconds: 1)
            #expect(connection.reading == .open)
        }
        stepped.letTimePass(seconds: 1)
        stepped.loop.processExits()
        #expect(connection.phase == .closed)
        #expect(stepped.handler.requests == ["/first"])
        #expect(stepped.loop.counters.limitsExceeded.current(.handshakeTimeout) == 1)
    }

    @Test("it counts as held until it is answered, and goes where too much is held", arguments: [false, true])
    func memory(isBounded: Bool) throws {
        let stepped = try Self.stepped { $0.maxBufferedBytes = isBounded ? 100_000 : 0 }
        let (connection, client) = stepped.open()
        let bytes = Self.put("/a", String(repeating: "x", count: 300_000))
        var sent = 0
        while sent < bytes.count, connection.phase == .http {
            if case .wrote(let count) = SocketResult.write(Array(bytes[sent...]), to: client.far) { sent += count }
            stepped.turn()
            let held = stepped.loop.counters.bufferedBytes.current
            #expect(held == connection.heldBytes)
            #expect(!isBounded || held <= 200_000)
        }
        for _ in 0..<10 { stepped.turn() }
        #expect(connection.phase == (isBounded ? .closed : .http))
        #expect(stepped.handler.bodies.map(\.utf8.count) == (isBounded ? [] : [300_000]))
        #expect(stepped.loop.counters.bufferedBytes.current == 0)
    }

    @Test("its memory is counted while it is awaited")
    func counted() throws {
        let stepped = try Self.stepped()
        let (_, client) = stepped.open()
        Self.write(Self.put("/a", String(repeating: "x", count: 50_000), length: 50_001), to: client)
        stepped.turn()
        stepped.turn()
        #expect(stepped.loop.counters.bufferedBytes.current > 50_000)
        Self.write([0x78], to: client)
        stepped.turn()
        #expect(stepped.handler.bodies.map(\.utf8.count) == [50_001])
        #expect(stepped.loop.counters.bufferedBytes.current == 0)
    }

    @Test("who waits for an interim answer gets it once, and not where it makes no sense")
    func interim() throws {
        let stepped = try Self.stepped(limit: 5)
        let expects = ["Expect: 100-continue"]
        let (_, client) = stepped.open()
        Self.write(Self.put("/a", "", length: 5, fields: expects), to: client)
        stepped.turn()
        #expect(Self.answers(to: client) == "HTTP/1.1 100 Continue\r\n\r\n")
        Self.write(Array("hel".utf8), to: client)
        stepped.turn()
        #expect(Self.answers(to: client).isEmpty)
        Self.write(Array("lo".utf8), to: client)
        stepped.turn()
        #expect(stepped.handler.bodies == ["hello"])
        #expect(Self.answers(to: client).hasPrefix("HTTP/1.1 200 OK"))
        // The body is there already.
        Self.write(Self.put("/b", "hello", fields: expects), to: client)
        stepped.turn()
        #expect(Self.answers(to: client).hasPrefix("HTTP/1.1 200 OK"))
        Self.write(Self.put("/c", "", length: 6, fields: expects), to: client)
        stepped.turn()
        #expect(Self.answers(to: client).hasPrefix("HTTP/1.1 413 "))
    }

    @Test("a request that is parked counts with its body, and the next one is where its body ends")
    func parked() throws {
        let stepped = try Self.stepped()
        stepped.handler.looksUp = true
        let (connection, client) = stepped.open()
        let first = Self.put("/a", "hello")
        Self.write(first, to: client)
        stepped.turn()
        #expect(connection.reading == .parked)
        #expect(stepped.loop.counters.bufferedBytes.current == first.count)
        stepped.handler.looksUp = false
        Self.write(Self.put("/b", "x"), to: client)
        stepped.loop.resumeParked(connection, with: "here")
        stepped.turn()
        #expect(stepped.handler.requests == ["/a", "/b"])
        #expect(stepped.handler.bodies == ["hello", "x"])
        #expect(stepped.loop.counters.bufferedBytes.current == 0)
    }

    @Test("a request that moves to another loop takes its body along, and what follows is read there")
    func moved() throws {
        let group = try LoopGroup<ScriptedHandler>(loops: 2)
        let (from, to) = (try SteppedLoop(index: 0, of: group), try SteppedLoop(index: 1, of: group))
        for stepped in [from, to] { stepped.handler.bodyLimit = 100 }
        from.handler.laterRequestsMoveTo = 1
        let (connection, client) = from.open()
        let bytes = Self.get("/first") + Self.put("/a", "hello") + Self.put("/b", "x") + Self.get("/c")
        // In the middle of the last body.
        let end = bytes.count - Self.get("/c").count - 1
        Self.write(Array(bytes[..<end]), to: client)
        from.turn()
        to.turn()
        #expect(from.handler.requests == ["/first"])
        #expect(to.handler.requests == ["/a"])
        Self.write(Array(bytes[end...]), to: client)
        to.turn()
        #expect(to.handler.requests == ["/a", "/b", "/c"])
        #expect(to.handler.bodies == ["hello", "x", ""])
        #expect(connection.owesNothing)
        for stepped in [from, to] { #expect(stepped.loop.counters.bufferedBytes.current == 0) }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func occurrences(of text: String) -> Int {
        let (bytes, wanted) = (Array(utf8), Array(text.utf8))
        return bytes.indices.count { bytes[$0...].starts(with: wanted) }
    }
}
