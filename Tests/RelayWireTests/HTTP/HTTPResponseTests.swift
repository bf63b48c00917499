import RelayWire
import Testing

@Suite("HTTP responses")
struct HTTPResponseTests {
    private func text(
        _ response: HTTPResponse, isHead: Bool = false, isKeepAlive: Bool = true, minorVersion: Int = 1
    ) -> String {
        var output: [UInt8] = []
        response.append(
            to: &output, isHead: isHead, isKeepAlive: isKeepAlive, minorVersion: minorVersion, date: Self.date)
        return String(decoding: output, as: UTF8.self)
    }

    private static let hello = HTTPResponse(.ok, contentType: "text/plain", body: Array("hello".utf8))
    private static let date = DateField(second: 784_111_777)
    private static let ofEveryResponse =
        "Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: X-Instance-Id, Retry-After\r\n"
        + "Cache-Control: no-store\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    private static let helloHead =
        "HTTP/1.1 200 OK\r\n\(ofEveryResponse)Content-Type: text/plain\r\nContent-Length: 5\r\n"

    @Test("a response has its date, type, length and body, and may be read by every origin and kept by no cache")
    func body() {
        #expect(text(Self.hello) == Self.helloHead + "\r\nhello")
    }

    @Test("a HEAD response states the length of the omitted body")
    func head() {
        #expect(text(Self.hello, isHead: true) == Self.helloHead + "\r\n")
    }

    @Test("a response says if the connection closes, and only to HTTP/1.0 if it stays open")
    func connection() {
        #expect(text(Self.hello, isKeepAlive: false) == Self.helloHead + "Connection: close\r\n\r\nhello")
        #expect(
            text(Self.hello, isKeepAlive: false, minorVersion: 0) == Self.helloHead + "Connection: close\r\n\r\nhello")
        #expect(text(Self.hello, minorVersion: 0) == Self.helloHead + "Connection: keep-alive\r\n\r\nhello")
    }

    @Test("a response without a body has a length of 0 and no type, and a 204 has no length either")
    func empty() {
        let found = HTTPResponse(.found, contentType: "text/plain", headers: [HTTPHeader("Location", "/a?b")])
        #expect(
            text(found)
                == "HTTP/1.1 302 Found\r\n\(Self.ofEveryResponse)Content-Length: 0\r\nLocation: /a?b\r\n\r\n")
        let preflight = HTTPResponse(.noContent, headers: [HTTPHeader("Access-Control-Max-Age", "86400")])
        #expect(
            text(preflight)
                == "HTTP/1.1 204 No Content\r\n\(Self.ofEveryResponse)Access-Control-Max-Age: 86400\r\n\r\n")
    }

    @Test("a response that caches may keep says for how long, also as a 304, which has no length")
    func cached() {
        let fields = Self.ofEveryResponse.replacing("no-store", with: "public, max-age=300")
        var kept = Self.hello
        kept.maxAge = 300
        #expect(text(kept) == Self.helloHead.replacing("no-store", with: "public, max-age=300") + "\r\nhello")
        let same = HTTPResponse(.notModified, headers: [HTTPHeader("ETag", "\"a\"")], maxAge: 300)
        #expect(text(same) == "HTTP/1.1 304 Not Modified\r\n\(fields)ETag: \"a\"\r\n\r\n")
    }

    @Test("lengths are written in full", arguments: [0, 9, 10, 99, 100, 1_000, 65_536, 1_234_567])
    func lengths(length: Int) {
        let response = HTTPResponse(.ok, body: Array(repeating: 0x61, count: length))
        #expect(text(response, isHead: true).contains("\r\nContent-Length: \(length)\r\n"))
    }

    @Test(
        "the request decides if the response has a body and if the connection stays open",
        arguments: [
            (["GET / HTTP/1.1", "Host: a"], "\r\nhello"), (["HEAD / HTTP/1.1", "Host: a"], "\r\n"),
            (["GET / HTTP/1.0"], "Connection: close\r\n\r\nhello"),
            (["HEAD / HTTP/1.0", "Connection: keep-alive"], "Connection: keep-alive\r\n\r\n"),
            (["POST / HTTP/1.1", "Host: a", "Content-Length: 1"], "Connection: close\r\n\r\nhello"),
        ])
    func answering(lines: [String], end: String) throws {
        var output: [UInt8] = []
        let framing = ResponseFraming(for: try ReadRequest(HeadText(lines: lines)).head)
        Self.hello.append(to: &output, framing: framing, date: Self.date)
        #expect(String(decoding: output, as: UTF8.self) == Self.helloHead + end)
    }

    @Test("a refused request gets a 4xx status, and a 426 names the supported version")
    func failures() {
        #expect(text(HTTPFailure.malformedField.response, isKeepAlive: false).hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        let answer = text(HTTPFailure.webSocketVersionUnsupported.response, isKeepAlive: false)
        #expect(answer.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
        #expect(answer.contains("\r\nSec-WebSocket-Version: 13\r\n"))
    }

    @Test(
        "a 426 names the protocol to change to, and that this is a matter of the connection",
        arguments: [
            (true, 1, "Upgrade"), (false, 1, "close, Upgrade"), (true, 0, "keep-alive, Upgrade"),
            (false, 0, "close, Upgrade"),
        ])
    func upgradeRequired(isKeepAlive: Bool, minorVersion: Int, connection: String) {
        let answer = text(HTTPResponse(.upgradeRequired), isKeepAlive: isKeepAlive, minorVersion: minorVersion)
        #expect(answer.contains("\r\nUpgrade: websocket\r\nConnection: \(connection)\r\n"))
    }

    @Test("a header that would end its line is a programming error, caught before it is written")
    func injection() async {
        await #expect(processExitsWith: .failure) { _ = HTTPHeader("Location", "/\r\nX: a") }
        await #expect(processExitsWith: .failure) { _ = HTTPHeader("Location", "/\nX: a") }
        await #expect(processExitsWith: .failure) { _ = HTTPHeader("X: a", "b") }
        await #expect(processExitsWith: .failure) { _ = HTTPResponse(.ok, contentType: "a\r\nb") }
    }
}
