import RelayWire

/// An answer to a plain request.
struct HTTPReply: Equatable {
    let status: Int
    let fields: [Field]
    let body: String

    struct Field: Equatable {
        let name: String
        let value: String
    }

    /// The value of the only field of that name.
    subscript(_ name: String) -> String? {
        let found = fields.filter { $0.name.lowercased() == name.lowercased() }
        return found.count == 1 ? found.first?.value : nil
    }

    /// True if pages of any origin may read it.
    var allowsEveryOrigin: Bool { self["Access-Control-Allow-Origin"] == "*" }
}

extension TestClient {
    /// The bytes of a request.
    static func request(_ target: String, method: String = "GET", headers: [String] = []) -> String {
        "\(method) \(target) HTTP/1.1\r\nHost: relay.test\r\n" + headers.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    /// The header fields of a correct upgrade.
    static let upgradeFields = [
        "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    func sendRequest(_ target: String, method: String = "GET", headers: [String] = []) {
        write(TestClient.request(target, method: method, headers: headers))
    }

    /// The next answer on this connection.
    func reply(isHead: Bool = false) throws -> HTTPReply {
        let head = try responseHead()
        let length = isHead ? 0 : head.contentLength ?? 0
        while received.count < head.length + length {
            guard try receive("a body") else { throw Unexpected(heard: .end, insteadOf: "a body") }
        }
        let reply = HTTPReply(
            status: head.statusCode,
            fields: head.fields.map { HTTPReply.Field(name: text(in: $0.name), value: text(in: $0.value)) },
            body: text(in: head.length..<head.length + length))
        received.removeFirst(head.length + length)
        return reply
    }

    /// Upgrades this connection, and checks the answer as a browser does.
    func open(_ target: String = "/", origin: String? = nil, headers: [String] = []) throws {
        let request = TestClient.upgradeRequest(target, origin: origin, headers: headers)
        var bytes: [UInt8] = []
        request.append(to: &bytes)
        write(bytes)
        try finishOpening(request)
    }

    static func upgradeRequest(
        _ target: String, origin: String? = nil, headers: [String] = []
    ) -> OpeningHandshake.Request {
        OpeningHandshake.Request(
            host: "relay.test", target: target, nonce: (0..<16).map { _ in .random(in: 0...255) }, origin: origin,
            headers: headers.map { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                return HTTPHeader(String(parts[0]), String(parts[1].drop { $0 == " " }))
            })
    }

    func finishOpening(_ request: OpeningHandshake.Request) throws {
        let head = try responseHead()
        let bytes = received
        _ = try request.verify(head, in: bytes.span)
        received.removeFirst(head.length)
    }

    private func responseHead() throws -> ResponseHead {
        var parser = ResponseHeadParser()
        while true {
            let bytes = received
            if let head = try parser.parse(bytes.span) { return head }
            guard try receive("an answer") else { throw Unexpected(heard: .end, insteadOf: "an answer") }
        }
    }

    private func text(in range: Range<Int>) -> String {
        String(decoding: received[range], as: UTF8.self)
    }
}
