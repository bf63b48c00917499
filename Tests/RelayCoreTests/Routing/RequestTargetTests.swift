import Foundation
import RelayCore
import TestSupport
import Testing

@Suite("Request targets")
struct RequestTargetTests {
    static let code = RoomCode(home: Region(index: 6), random: 0)  // ApJFDR, at home in fra

    @Test("the tests' code is the one in their paths")
    func spelling() {
        #expect(Self.code.description == "ApJFDR")
    }

    @Test(
        "a path is percent-decoded before it is interpreted",
        arguments: [
            ("/health", .health), ("/ready", .ready), ("/ready/", .ready), ("/%68ealth", .health),
            ("/health?x", .health), ("/health/", .health),
            ("/Health", .other), ("//health", .health), ("/%2Fhealth", .health), ("//health//", .health),
            ("/healthy", .other),
            ("/metrics", .metrics), ("/metric%73", .metrics), ("/metrics/x", .other),
            ("/room/ApJFDR", .room(code)), ("/room/%41pJFDR", .room(code)), ("/room%2fApJFDR", .room(code)),
            ("%2Froom/ApJFDR", nil), ("/room/ApJFDR/", .room(code)), ("/room/ApJFDR//", .room(code)),
            ("/room/ApJFDR/x", .other),
            ("/room/ApJFDR%2Fx", .other), ("/room/ApJFD", .room(nil)), ("/room/apjfd0", .room(nil)),
            ("/room/zzzzzz", .room(nil)), ("/room/%00", .room(nil)), ("/room/%FF", .room(nil)),
            ("/room/", .other), ("/room", .other), ("/room//", .other), ("/room//ApJFDR", .room(code)),
            ("//room/ApJFDR", .room(code)), ("/room/ApJFDR/%2F", .room(code)),
            ("/Room/ApJFDR", .other), ("/rooms/ApJFDR", .other),
            ("/ApJFDR", .code(code)), ("/ApJFDR?room=x", .code(code)), ("/Ap%4aFDR", .code(code)),
            ("/ApJFDR/", .code(code)), ("//ApJFDR", .code(code)), ("/%2FApJFDR", .code(code)), ("///", .other),
            ("/ApJFDRx", .other), ("/ApJFD", .other),
            ("/zzzzzz", .other), ("/abcdef", .code(RoomCode(home: nil, random: 22_051_486_416))),
            ("/0OIl00", .other), ("/Ap+FDR", .other), ("/", .other), ("/index.html", .other), ("/?", .other),
            ("/a%20b", .other), ("/..", .other), ("*", .other),
            ("/client.js", .file(.client)), ("/client.d.ts", .file(.clientTypes)), ("/demo", .file(.demo)),
            ("//%64emo/?x", .file(.demo)), ("/DEMO", .other), ("/demo/x", .other), ("/client.j", .other),
        ] as [(String, Endpoint?)])
    func endpoint(raw: String, expected: Endpoint?) {
        #expect(RequestTarget(raw)?.endpoint == expected)
    }

    @Test(
        "only the path of an absolute target counts, whatever its host",
        arguments: [
            ("http://party.example/health", .health), ("https://party.example/ApJFDR?x", .code(code)),
            ("HTTP://party.example/health", .health), ("http://h:80/room/ApJFDR", .room(code)),
            ("http://party.example", .other), ("http://party.example?instance=a", .other),
            ("http://user@[::1]:80/health", .health),
        ] as [(String, Endpoint)])
    func absolute(raw: String, expected: Endpoint) {
        #expect(RequestTarget(raw)?.endpoint == expected)
    }

    @Test(
        "any other form than a path, an absolute target or the asterisk is refused",
        arguments: [
            "", "health", "**", "*?", "?instance=a", "party.example:443", "http:", "http:/", "http://", "http:///x",
            "http://?x", "ftp://party.example/x", "file:///x", "ws://party.example/x", "\\health", " /health",
            "/%", "/%4", "/%zz", "/%4g", "/a%", "/%%41", "/room/%", "/ApJFDR%2", "/%-1", "/%+1",
        ])
    func refused(raw: String) {
        #expect(RequestTarget(raw) == nil)
    }

    @Test(
        "the first `instance` of the query is the pin, with name and value percent-decoded",
        arguments: [
            ("/", nil), ("/?", nil), ("/?a=b", nil), ("/?instance=abc", "abc"), ("/x?a=1&instance=abc&b=2", "abc"),
            ("/?instance=one&instance=two", "one"), ("/?instance=&instance=two", nil), ("/?instance", nil),
            ("/?instance=", nil), ("/?%69nstance=a%2Db", "a-b"), ("/?inst%61nce=%61", "a"), ("/?instance=a+b", "a b"),
            ("/?instance=a=b", "a=b"), ("/?instance=a?b", "a?b"), ("/?Instance=a", nil), ("/?instances=a", nil),
            ("/?xinstance=a", nil), ("/?instance%20=a", nil), ("/?+instance=a", nil), ("/?instance=%zz", "%zz"),
            ("/?instance=%", "%"), ("/?x=%&instance=a", "a"), ("/?x=instance=a", nil), ("/?a;instance=b", nil),
            ("/?instance=%0D%0AX: y", "\r\nX: y"), ("/?instance=%ff", "\u{FFFD}"), ("/?&&instance=a", "a"),
            ("/instance=a", nil), ("/%3Finstance=a", nil), ("/?instance%3Da", nil), ("*", nil),
            ("http://h/?instance=a", "a"), ("http://h?instance=a", "a"),
        ] as [(String, String?)])
    func pin(raw: String, expected: String?) throws {
        let target = try #require(RequestTarget(raw))
        #expect(target.pin == expected)
    }

    @Test(
        "the location without the pin keeps the path and the other parameters unchanged and in order",
        arguments: [
            ("/", "/"), ("/?", "/?"), ("/?instance=a", "/"), ("/x?instance=a", "/x"), ("/x?a=1&instance=a", "/x?a=1"),
            ("/x?instance=a&b=2", "/x?b=2"), ("/x?a=1&instance=a&b=2&instance=c", "/x?a=1&b=2"),
            ("/x?%69nstance=a&b", "/x?b"), ("/x?b=%zz&c=a+b&instance=a", "/x?b=%zz&c=a+b"),
            ("/%41%2f%5c?instance=a", "/%41%2f%5c"), ("/x?&instance=a&", "/x?&"), ("*", "/"),
            ("/x?u=http://h/?y&instance=a", "/x?u=http://h/?y"), ("http://h/x?instance=a&b", "/x?b"),
            ("http://h?instance=a&b", "/?b"), ("https://evil.example", "/"),
        ])
    func location(raw: String, expected: String) throws {
        #expect(try #require(RequestTarget(raw)).locationWithoutPin == expected)
    }

    @Test(
        "the location can leave neither the site nor the header line",
        arguments: [
            ("//evil.example/x?instance=a", "/evil.example/x"), ("///evil.example", "/evil.example"),
            ("/\\evil.example", "/evil.example"), ("/\\/\\evil.example", "/evil.example"), ("//", "/"),
            ("http://h//evil.example", "/evil.example"), ("/a\\b", "/a%5Cb"), ("/\t/evil", "/%09/evil"),
            ("/\r\nX: y", "/%0D%0AX:%20y"), ("/é\u{7F}", "/%C3%A9%7F"), ("/\"'<>#", "/%22%27%3C%3E%23"),
            ("/?a=\r\n<b>\\&instance=a", "/?a=%0D%0A%3Cb%3E%5C"), ("/.//evil.example", "/.//evil.example"),
        ])
    func safeLocation(raw: String, expected: String) throws {
        #expect(try #require(RequestTarget(raw)).locationWithoutPin == expected)
    }

    @Test(
        "no location leads off the site, and it asks for the same target without the pin",
        arguments: 1...8 as ClosedRange<UInt64>)
    func randomTargets(seed: UInt64) throws {
        let pieces = [
            "/", "//", "\\", "%2F", "%5C", "?", "&", "=", "instance", "%69nstance", "a-1", "room", "ApJFDR", "health",
            ".", "..", "@", ":", "#", "\t", "\n", " ", "+", "%00", "%", "é", "\"", "<", "http://", "evil.example", ";",
        ]
        let base = try #require(URL(string: "https://party.example/a/b?c"))
        var dice = SeededGenerator(seed: seed)
        var read = 0
        for _ in 0..<600 {
            let start = ["/", "/", "/", "/", "//", "http://h", ""][dice.roll(7)]
            let raw = (0..<dice.roll(9)).reduce(into: start) { text, _ in text += pieces[dice.roll(pieces.count)] }
            guard let target = RequestTarget(raw) else { continue }
            read += 1
            let location = target.locationWithoutPin
            #expect(location.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "\(raw)")
            #expect(location.hasPrefix("/") && !location.hasPrefix("//") && !location.hasPrefix("/\\"), "\(raw)")
            let followed = URL(string: location, relativeTo: base)
            #expect(followed == nil || followed?.host() == "party.example", "\(raw)")
            let again = try #require(RequestTarget(location), "\(raw)")
            #expect(again.pin == nil, "\(raw)")
            #expect(again.locationWithoutPin == location, "\(raw)")
            let isPlainPath = raw.hasPrefix("/") && !raw.hasPrefix("//") && !raw.hasPrefix("/\\")
            #expect(!isPlainPath || again.endpoint == target.endpoint, "\(raw)")
        }
        #expect(read > 200)
    }
}
