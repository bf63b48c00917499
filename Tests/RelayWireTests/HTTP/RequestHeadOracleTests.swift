import RelayWire
import TestSupport
import Testing

extension SeededGenerator {
    private mutating func pick(_ choices: [String]) -> String {
        choices[Int.random(in: 0..<choices.count, using: &self)]
    }

    /// A head whose parts are mostly right and sometimes not.
    mutating func head() -> [UInt8] {
        var text = pick(["", "", "", "", "", "\r\n", "\n"])
        text += pick(["GET", "GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "BREW", "CONNECT", "get", "PRI"])
        text += pick([" ", " ", " ", " ", " ", "  ", "\t"])
        text += pick([
            "/", "/ABCDEF?instance=a", "*", "http://a/b", "https://a:1?b", "x", "a:443", "/a#b", "//", "a+b://c",
        ])
        text += pick([" ", " ", " ", " ", " ", "  ", ""])
        text += pick(["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "http/1.1"])
        text += lineEnd()
        if pick(["y", "y", "y", "y", "n"]) == "y" { text += "Host: a" + lineEnd() }
        for _ in 0..<Int.random(in: 0...5, using: &self) { text += field() + lineEnd() }
        return Array((text + lineEnd()).utf8)
            + Array(pick(["", "", "0\r\n\r\n", "hello", "GET / HTTP/1.1\r\n\r\n"]).utf8)
    }

    /// A head with a body, and some fields more.
    mutating func headWithBody() -> [UInt8] {
        var text = pick(["PUT", "DELETE", "GET", "HEAD", "BREW"]) + " / HTTP/" + pick(["1.1", "1.1", "1.0"]) + "\r\n"
        text += "Host: a\r\nContent-Length: " + pick(["5", "05", "1000", "5 "]) + "\r\n"
        for _ in 0..<Int.random(in: 0...2, using: &self) { text += field() + "\r\n" }
        return Array((text + "\r\n").utf8)
    }

    private mutating func lineEnd() -> String {
        Int.random(in: 0..<60, using: &self) == 0 ? pick(["\n", "\r", "\r\r\n", "\r\n ", "\r\n\t"]) : "\r\n"
    }

    private mutating func field() -> String {
        let name = pick([
            "Content-Length", "content-length", "Transfer-Encoding", "Connection", "connection", "Upgrade", "Host",
            "Proxy-Connection", "Expect", "X", "Content-Lengthx", "Transfer-Encodin", "Content_Length", "X y", "",
        ])
        let colon = pick([":", ": ", ": ", ": ", ": ", ":\t", " : ", ":  \t ", ""])
        let value = pick([
            "", "0", "5", "05", "+5", "5, 5", "0x5", "99999999999999999999", "chunked", "Chunked", "identity",
            "gzip, chunked", "chunked, identity", "xchunked", "close", "keep-alive", "upgrade", "close, keep-alive",
            "keep-alive, Upgrade", "websocket", "h2c", "websocket, h2c", "100-continue", "a b", "a\tb", "é", "a\u{1}",
            "a\0", "\u{7F}",
        ])
        return name + colon + value + pick(["", "", "", " ", "\t "])
    }

    /// The same bytes with a few of them replaced, left out, doubled or swapped.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let telling: [UInt8] = [0, 9, 10, 11, 13, 32, 35, 42, 44, 47, 58, 64, 127, 128, 255]
        for _ in 0..<Int.random(in: 1...4, using: &self) where bytes.count > 1 {
            let index = Int.random(in: 0..<bytes.count - 1, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: bytes[index] = telling[Int.random(in: 0..<telling.count, using: &self)]
            case 1: bytes[index] = UInt8.random(in: 0...255, using: &self)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(bytes[index], at: index)
            default: bytes.swapAt(index, index + 1)
            }
        }
        return bytes
    }
}

@Suite("Request heads against NIO")
struct RequestHeadOracleTests {
    @Test(
        "everything that NIO refuses is refused, and NIO reads every accepted head the same", arguments: UInt64(1)...8)
    func generated(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (accepted, bodies) = (0, 0)
        for _ in 0..<400 {
            for bytes in [
                generator.head(), generator.mutated(generator.head()), generator.mutated(HeadText.browserUpgrade.bytes),
                generator.headWithBody(), generator.mutated(generator.headWithBody()),
            ] {
                let disagreement = RequestHeadOracle.disagreement(over: bytes)
                #expect(disagreement == nil, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
                var parser = RequestHeadParser()
                guard let head = try? parser.parse(bytes.span) else { continue }
                accepted += 1
                if head.bodyLength != 0 { bodies += 1 }
            }
        }
        // A generator whose heads are all refused would prove nothing.
        #expect(accepted > 120 && bodies > 50)
    }
}
