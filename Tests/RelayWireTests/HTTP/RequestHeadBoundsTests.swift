import RelayWire
import Testing

@Suite("Request heads in pieces and at their limits")
struct RequestHeadBoundsTests {
    private func verdict(
        on bytes: [UInt8], cuts: [Int], maxBytes: Int = 16_384
    ) -> Result<RequestHead?, HTTPFailure> {
        var parser = RequestHeadParser(maxBytes: maxBytes)
        do throws(HTTPFailure) {
            for end in cuts + [bytes.count] {
                if let head = try parser.parse(bytes.span.extracting(first: end)) { return .success(head) }
            }
            return .success(nil)
        } catch {
            return .failure(error)
        }
    }

    /// A result as a text that says all of it.
    private func described(_ result: Result<RequestHead?, HTTPFailure>) -> String {
        String(describing: result)
    }

    @Test(
        "the verdict does not depend on how the bytes are split, even into single bytes",
        arguments: [
            .browserUpgrade, .get("X: a \t", "Connection: close"),
            HeadText(lines: ["\r\nBREW http://a/b HTTP/1.0", "Host:  a\t"]),
            .get("X: a", " b"), .get("Content-Length: 5", "Content-Length: 5"), .get("X: a\u{0}"), .get("X : a"),
            HeadText("GET / HTTP/1.1\r\n\r\n"), HeadText("GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
            HeadText("GET /x#y HTTP/1.1\r\n\r\n"),
            HeadText("GET / HTTP/1.1\r\nHost: a\r\nX"),
        ])
    func splits(_ head: HeadText) {
        let whole = described(verdict(on: head.bytes, cuts: []))
        for first in 1..<head.bytes.count {
            #expect(described(verdict(on: head.bytes, cuts: [first])) == whole)
            let third = min(first + 3, head.bytes.count)
            #expect(described(verdict(on: head.bytes, cuts: [first, third])) == whole)
        }
        #expect(described(verdict(on: head.bytes, cuts: Array(1..<head.bytes.count))) == whole)
    }

    @Test("a parsed line is not parsed again")
    func resumption() throws {
        var bytes = HeadText.browserUpgrade.bytes
        let whole = described(verdict(on: bytes, cuts: []))
        var parser = RequestHeadParser()
        var lineStart = 0
        while let lineEnd = bytes[lineStart...].firstIndex(of: 0x0A).map({ $0 + 1 }), lineEnd < bytes.count {
            let early = try parser.parse(bytes.span.extracting(first: lineEnd))
            #expect(early == nil)
            for index in lineStart..<lineEnd { bytes[index] = 0 }
            lineStart = lineEnd
        }
        let head = try parser.parse(bytes.span)
        #expect(described(.success(head)) == whole)
    }

    @Test("the bytes after a head are left alone, and the parser is ready for them")
    func pipelining() throws {
        let first = HeadText.get("X: a").bytes
        let second = HeadText(lines: ["HEAD /b HTTP/1.0"]).bytes
        let bytes = first + second
        var parser = RequestHeadParser()
        let head = try parser.parse(bytes.span)
        #expect(head?.length == first.count)
        let following = try parser.parse(bytes.span.extracting(droppingFirst: first.count))
        let next = try #require(following)
        #expect(next.method == .head)
        #expect(next.minorVersion == 0)
        #expect(next.fields.isEmpty)
        #expect(next.length == second.count)
    }

    @Test("a head of exactly the limit is accepted, and one byte more is a 431, before its end is seen")
    func sizeLimit() throws {
        let bytes = HeadText.get("X: \(String(repeating: "a", count: 200))").bytes
        let fits = try verdict(on: bytes + [0, 0], cuts: [], maxBytes: bytes.count).get()
        #expect(fits?.length == bytes.count)
        let limit = bytes.count - 1
        for cuts in [[], [1], [limit - 1], Array(1..<bytes.count)] {
            #expect(throws: HTTPFailure.headTooLarge) { try verdict(on: bytes, cuts: cuts, maxBytes: limit).get() }
        }
        #expect(throws: HTTPFailure.headTooLarge) {
            try verdict(on: Array(bytes.prefix(limit)), cuts: [], maxBytes: limit).get()
        }
        #expect(HTTPFailure.headTooLarge.status.code == 431)
    }

    @Test("a request line alone can be too long", arguments: ["", "GET ", "GET /", "GET / HTTP/1.1\r\nX"])
    func endlessParts(start: String) {
        let bytes = Array(start.utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: 20_000)
        #expect(throws: HTTPFailure.headTooLarge) { try verdict(on: bytes, cuts: []).get() }
    }

    @Test("a hundred fields are accepted, and one more is a 431", arguments: [(100, false), (101, true)])
    func fieldLimit(count: Int, isRefused: Bool) throws {
        let lines = (1..<count).map { "X\($0): a" }
        let result = verdict(on: HeadText(lines: ["GET / HTTP/1.1", "Host: a"] + lines).bytes, cuts: [])
        if isRefused {
            #expect(throws: HTTPFailure.tooManyFields) { try result.get() }
        } else {
            #expect(try result.get()?.fields.count == count)
        }
        #expect(HTTPFailure.tooManyFields.status.code == 431)
    }
}
