import RelayWire
import Testing

@Suite("Opening handshake, server")
struct OpeningHandshakeServerTests {
    private static let upgrade = ["Connection: Upgrade", "Upgrade: websocket"]
    private static let version = "Sec-WebSocket-Version: 13"
    private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="

    private func answer(_ lines: [String]) throws -> String {
        let request = try ReadRequest(HeadText(lines: lines))
        var output: [UInt8] = []
        try OpeningHandshake.check(request.head, in: request.bytes.span).append(
            to: &output, headers: [HTTPHeader("X-Instance-Id", "i")], date: DateField(second: 784_111_777))
        return String(decoding: output, as: UTF8.self)
    }

    private static func get(_ lines: [String]) -> [String] {
        ["GET / HTTP/1.1", "Host: a"] + lines
    }

    @Test("the key of RFC 6455's example is accepted with the RFC's answer")
    func example() throws {
        let expected = """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r
            Access-Control-Allow-Origin: *\r
            Access-Control-Expose-Headers: X-Instance-Id, Retry-After\r
            Cache-Control: no-store\r
            Date: Sun, 06 Nov 1994 08:49:37 GMT\r
            X-Instance-Id: i\r
            \r

            """
        #expect(try answer(Self.get(Self.upgrade + [Self.version, Self.key])) == expected)
    }

    @Test(
        "the first offered subprotocol is chosen, if it is a token",
        arguments: [
            (["Sec-WebSocket-Protocol: chat"], "chat"), (["Sec-WebSocket-Protocol:  v2.game , chat"], "v2.game"),
            (["Sec-WebSocket-Protocol: ,", "sec-websocket-protocol: a"], "a"), (["Sec-WebSocket-Protocol: a b"], nil),
            (["Sec-WebSocket-Protocol: é, b"], nil), (["Sec-WebSocket-Protocol:"], nil), ([], nil),
        ] as [([String], String?)])
    func subprotocol(fields: [String], chosen: String?) throws {
        let answer = try answer(Self.get(Self.upgrade + [Self.version, Self.key] + fields))
        if let chosen {
            #expect(answer.contains("\r\nSec-WebSocket-Protocol: \(chosen)\r\n"))
        } else {
            #expect(!answer.contains("Sec-WebSocket-Protocol"))
        }
    }

    @Test("extensions are not accepted")
    func extensions() throws {
        let fields = [Self.version, Self.key, "Sec-WebSocket-Extensions: permessage-deflate"]
        #expect(try !answer(Self.get(Self.upgrade + fields)).contains("Extensions"))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let lines: [String]
        let failure: HTTPFailure
        let status: Int

        init(_ lines: [String], _ failure: HTTPFailure, _ status: Int) {
            self.lines = lines
            self.failure = failure
            self.status = status
        }

        var testDescription: String {
            "\(failure): \(lines)"
        }
    }

    static let badUpgrades: [Row] = [
        Row(get([version, key]), .upgradeAndConnectionMissing, 426),
        Row(get(["Connection: keep-alive", version, key]), .upgradeAndConnectionMissing, 426),
        Row(get(["Connection: close", "Upgrade: h2c", version, key]), .upgradeAndConnectionMissing, 426),
        Row(get(["Connection: Upgrade", version, key]), .upgradeMissing, 426),
        Row(get(["Connection: Upgrade", "Upgrade:", version, key]), .upgradeMissing, 426),
        Row(get(["Connection: Upgrade", "Upgrade: h2c, h3", version, key]), .upgradeMissing, 426),
        Row(get(["Connection: Upgrade", "Upgrade: websocket/13", version, key]), .upgradeMissing, 426),
        Row(get(["Connection: Upgrade", "Upgrade: \"websocket\"", version, key]), .upgradeMissing, 426),
        Row(get(["Upgrade: websocket", version, key]), .connectionMissing, 426),
        Row(get(["Upgrade: websocket", "Connection:", version, key]), .connectionMissing, 426),
        Row(get(["Upgrade: websocket", "Connection: keep-alive", version, key]), .connectionMissing, 426),
        Row(get(["Upgrade: websocket", "Connection: websocket", version, key]), .connectionMissing, 426),
        Row(get(["Upgrade: websocket", "Connection: Upgrade: websocket", version, key]), .connectionMissing, 426),
        // What nginx sends unless told otherwise. That HTTP/1.1 is needed as well is in the same sentence.
        Row(["GET / HTTP/1.0", "Host: a", "Connection: close", version, key], .upgradeAndConnectionMissing, 426),
        Row(["POST / HTTP/1.1", "Host: a"] + upgrade + [version, key], .notAnUpgrade, 400),
        Row(["GET / HTTP/1.0", "Host: a"] + upgrade + [version, key], .upgradeNeedsHTTP11, 400),
        Row(get(upgrade + [version, key, "Content-Length: 1"]), .upgradeWithBody, 400),
        Row(get(upgrade + [version, key, "Transfer-Encoding: chunked"]), .upgradeWithBody, 400),
        Row(get(upgrade + [key]), .webSocketVersionMissing, 400),
        Row(get(upgrade + [version, version, key]), .webSocketVersionMissing, 400),
        Row(get(upgrade + ["Sec-WebSocket-Version: 8", key]), .webSocketVersionUnsupported, 426),
        Row(get(upgrade + ["Sec-WebSocket-Version: 8"]), .webSocketVersionUnsupported, 426),
        Row(get(upgrade + ["Sec-WebSocket-Version: 13, 8", key]), .webSocketVersionUnsupported, 426),
        Row(get(upgrade + ["Sec-WebSocket-Version: 013", key]), .webSocketVersionUnsupported, 426),
        Row(get(upgrade + ["Sec-WebSocket-Version:", key]), .webSocketVersionUnsupported, 426),
        Row(get(upgrade + [version]), .malformedWebSocketKey, 400),
        Row(get(upgrade + [version, key, key]), .malformedWebSocketKey, 400),
    ]

    @Test("an invalid upgrade is refused as the RFC requires", arguments: Self.badUpgrades)
    func refused(_ row: Row) {
        let error = #expect(throws: HTTPFailure.self) { try answer(row.lines) }
        #expect(error == row.failure)
        #expect(error?.status.code == row.status)
    }

    @Test(
        "fields of an upgrade count in any case, in lists and over several lines",
        arguments: [
            ["Connection: keep-alive, Upgrade", "Upgrade: WebSocket"], ["connection: UPGRADE", "upgrade: WEBSOCKET"],
            ["Connection: keep-alive", "Connection: upgrade", "Upgrade: websocket"],
            ["Connection: upgrade,,", "Upgrade: h2c , websocket"],
            ["Connection: Upgrade", "Upgrade: h2c", "Upgrade: websocket"],
            ["Connection: Upgrade, HTTP2-Settings", "Upgrade: websocket, h2c"],
            ["Connection: Upgrade", "Connection: Upgrade", "Upgrade: websocket", "Upgrade: websocket"],
        ])
    func lists(fields: [String]) throws {
        #expect(try answer(Self.get(fields + [Self.version, Self.key])).hasPrefix("HTTP/1.1 101 "))
    }

    static let meanings: [([String], Bool)] = [
        (get(upgrade + [version, key]), true), (get(upgrade), true), (get([key]), true), (get([version, key]), true),
        (get(["sec-websocket-key:"]), true), (["GET / HTTP/1.0", key], true), (get([version]), false),
        (get(["Upgrade: websocket"]), false), (get(["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings"]), false),
        (get([]), false), (["HEAD / HTTP/1.1", "Host: a"] + upgrade + [version, key], false),
        (["POST / HTTP/1.1", "Host: a"] + upgrade + [version, key], false),
        (["OPTIONS / HTTP/1.1", "Host: a", key], false),
    ]

    @Test("a GET with the key of a handshake is meant as one, whatever a proxy has left of it", arguments: meanings)
    func meant(lines: [String], isMeant: Bool) throws {
        let request = try ReadRequest(HeadText(lines: lines))
        #expect(OpeningHandshake.isMeant(by: request.head, in: request.bytes.span) == isMeant)
    }

    @Test(
        "a refusal of what a proxy has taken away is one sentence that names it, and what to do at the proxy",
        arguments: [
            (HTTPFailure.upgradeMissing, ["\"Upgrade: websocket\"", "proxy_set_header Upgrade $http_upgrade;"]),
            (.connectionMissing, ["\"Connection: Upgrade\"", "proxy_set_header Connection \"Upgrade\";"]),
            (
                .upgradeAndConnectionMissing,
                [
                    "\"Upgrade: websocket\" and \"Connection: Upgrade\"", "Upgrade $http_upgrade;",
                    "Connection \"Upgrade\";",
                ]
            ),
            (.upgradeNeedsHTTP11, ["HTTP/1.1"]),
        ] as [(HTTPFailure, [String])])
    func advice(failure: HTTPFailure, parts: [String]) {
        for part in parts + ["proxy_http_version 1.1"] { #expect(failure.reason.contains(part), "\(part)") }
        #expect(failure.response.body == Array("\(failure.reason)\n".utf8))
        #expect(failure.reason.utf8.count < 400)
    }

    @Test(
        "a key must be what a lenient decoder makes 16 bytes of",
        arguments: [
            ("AAAAAAAAAAAAAAAAAAAAAA==", true), ("+/09azAZ+/09azAZ+/09aw==", true),
            ("//////////////////////w==", false), ("AQIDBAUGBwgJCgsMDQ4PEC==", true),
            ("/////////////////////w==", true), ("AAAAAAAAAAAAAAAAAAAAAB==", true), ("AAAAAAAAAAAAAAAAAAAAA/==", true),
            ("AAAAAAAAAAAAAAAAAAAAAA=", false),
            ("AAAAAAAAAAAAAAAAAAAAAA", false), ("AAAAAAAAAAAAAAAAAAAAAAA=", false), ("AAAAAAAAAAAAAAAAAAAAAAAA", false),
            ("AAAAAAAAAAAAAAAAAAAAAA===", false), ("AAAAAAAAAAA-_AAAAAAAAA==", true),
            ("AAAAAAAAAAA*AAAAAAAAAA==", false),
            ("AAAAAAAAAA AAAAAAAAAAA==", false),
            ("AAAAAAAAAAAAAAAAAAAA====", false), ("=AAAAAAAAAAAAAAAAAAAAA==", false), ("", false),
        ])
    func key(text: String, isValid: Bool) {
        let lines = Self.get(Self.upgrade + [Self.version, "Sec-WebSocket-Key: \(text)"])
        if isValid {
            #expect(throws: Never.self) { try answer(lines) }
        } else {
            #expect(throws: HTTPFailure.malformedWebSocketKey) { try answer(lines) }
        }
    }
}

@Suite("Opening handshake, client")
struct OpeningHandshakeClientTests {
    /// The nonce of RFC 6455's example.
    private static let nonce = Array("the sample nonce".utf8)
    private static let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    private static let upgrade = ["Upgrade: WebSocket", "Connection: upgrade"]

    private func request() -> OpeningHandshake.Request {
        OpeningHandshake.Request(
            host: "a.example:3000", target: "/ABCDEF?b=c", nonce: Self.nonce, origin: "https://o.example",
            subprotocols: ["v1", "v2"], headers: [HTTPHeader("Fly-Client-IP", "192.0.2.1")])
    }

    private func verify(_ lines: [String]) throws -> String? {
        let bytes = HeadText(lines: lines).bytes
        var parser = ResponseHeadParser()
        let parsed = try parser.parse(bytes.span)
        let head = try #require(parsed)
        return try request().verify(head, in: bytes.span)
    }

    @Test("the request holds everything it was given, and the server's side accepts it")
    func roundTrip() throws {
        var sent: [UInt8] = []
        request().append(to: &sent)
        let lines = [
            "GET /ABCDEF?b=c HTTP/1.1", "Host: a.example:3000", "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "Origin: https://o.example",
            "Sec-WebSocket-Protocol: v1, v2", "Fly-Client-IP: 192.0.2.1",
        ]
        #expect(sent == HeadText(lines: lines).bytes)

        let received = try ReadRequest(sent)
        var answer: [UInt8] = []
        try OpeningHandshake.check(received.head, in: sent.span).append(to: &answer, date: DateField(second: 0))
        var responses = ResponseHeadParser()
        let answerAndFrame = answer + [0x81, 0]
        let parsed = try responses.parse(answerAndFrame.span)
        let response = try #require(parsed)
        #expect(response.length == answer.count)
        let chosen = try request().verify(response, in: answerAndFrame.span)
        #expect(chosen == "v1")
    }

    @Test(
        "a response is rejected unless all of it is right",
        arguments: [
            (["HTTP/1.1 400 Bad Request"] + upgrade + [accept], .status(400)),
            (["HTTP/1.0 101 OK"] + upgrade + [accept], .notUpgraded),
            (["HTTP/1.1 101 OK", "Upgrade: websocket", accept], .notUpgraded),
            (["HTTP/1.1 101 OK", "Connection: upgrade", accept], .notUpgraded),
            (["HTTP/1.1 101 OK"] + upgrade, .wrongAcceptKey),
            (["HTTP/1.1 101 OK"] + upgrade + [accept, accept], .wrongAcceptKey),
            (["HTTP/1.1 101 OK"] + upgrade + [accept.lowercased()], .wrongAcceptKey),
            (["HTTP/1.1 101 OK"] + upgrade + [accept, "Sec-WebSocket-Extensions: x"], .unofferedExtension),
            (["HTTP/1.1 101 OK"] + upgrade + [accept, "Sec-WebSocket-Protocol: v3"], .unofferedSubprotocol),
            (["HTTP/1.1 101 OK"] + upgrade + [accept, "Sec-WebSocket-Protocol: V1"], .unofferedSubprotocol),
            (["HTTP/1.1 101 OK"] + upgrade + [accept, "Sec-WebSocket-Protocol: v1, v2"], .unofferedSubprotocol),
        ] as [([String], OpeningHandshake.Refusal)])
    func refusal(lines: [String], refusal: OpeningHandshake.Refusal) {
        #expect(throws: refusal) { try verify(lines) }
    }

    @Test("a response without a subprotocol and with an empty reason phrase is accepted")
    func bare() throws {
        #expect(try verify(["HTTP/1.1 101 "] + Self.upgrade + [Self.accept]) == nil)
        #expect(try verify(["HTTP/1.1 101 x"] + Self.upgrade + [Self.accept, "Sec-WebSocket-Protocol: v2"]) == "v2")
    }
}
