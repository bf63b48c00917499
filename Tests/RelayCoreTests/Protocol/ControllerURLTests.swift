internal import Testing

@testable internal import RelayCore

@Suite("Controller URLs")
struct ControllerURLTests {
    private func fill(_ template: String, instance: String? = "d891") throws -> String {
        let room = try #require(RoomCode("1AbZ9x"))
        return try ControllerURL(template).filled(room: room, instance: instance.flatMap { InstanceID($0) })
    }

    @Test(
        "a placeholder is replaced wherever it occurs",
        arguments: [
            ("https://example.com", "https://example.com"),
            (
                "https://{instance}.example.com/{room}?r={room}#{room}",
                "https://d891.example.com/1AbZ9x?r=1AbZ9x#1AbZ9x"
            ),
            ("https://example.com/é/{room}", "https://example.com/é/1AbZ9x"),
        ])
    func filled(template: String, url: String) throws {
        #expect(try fill(template) == url)
    }

    @Test("without an instance its placeholder becomes empty")
    func noInstance() throws {
        #expect(try fill("https://example.com/{instance}/x", instance: nil) == "https://example.com//x")
        #expect(throws: RelayError.urlInvalid) { try fill("https://{instance}/", instance: nil) }
    }

    @Test("a value is percent-encoded like encodeURIComponent does")
    func percentEncoding() {
        #expect(ControllerURL.percentEncoded("aZ09-_.!~*'()") == "aZ09-_.!~*'()")
        #expect(ControllerURL.percentEncoded("a/{room}?é") == "a%2F%7Broom%7D%3F%C3%A9")
    }

    @Test(
        "the first failed check is answered",
        arguments: [
            (String(repeating: " ", count: 513), .urlTooLarge), (String(repeating: "é", count: 257), .urlTooLarge),
            ("https://example.com/{x} ", .urlHasSpaces), ("{\u{7F}}", .urlHasSpaces),
            ("\0", .urlHasSpaces),
            ("http://{code}/}", .unknownURLPlaceholder("code")), ("}{Room}", .unknownURLPlaceholder("Room")),
            ("https://a/{}", .unknownURLPlaceholder("")), ("https://a/{{room}}", .unknownURLPlaceholder("{room")),
            ("https://a/{ro{room}", .unknownURLPlaceholder("ro{room")), ("https://a/{room", .unmatchedURLBrace),
            ("https://a/}{room}", .unmatchedURLBrace), ("nonsense}", .unmatchedURLBrace),
            ("https://a/{room}}", .unmatchedURLBrace),
            ("nonsense", .urlInvalid), ("", .urlInvalid), ("/{room}", .urlInvalid), ("http://[", .urlInvalid),
            ("http://example.com/", .urlNotHTTPS), ("javascript:alert(1)", .urlNotHTTPS), ("{room}:x", .urlInvalid),
        ] as [(String, RelayError)])
    func checks(template: String, error: RelayError) {
        #expect(throws: error) { try fill(template) }
    }

    @Test("a template may have up to 512 bytes")
    func size() throws {
        let template = "https://a/" + String(repeating: "é", count: 251)
        #expect(template.utf8.count == 512)
        #expect(try fill(template) == template)
    }

    @Test(
        "an http URL is accepted if its host is this computer, and no other",
        arguments: [
            ("http://localhost", true), ("http://localhost:8000/{room}", true), ("HTTP://LocalHost/", true),
            ("http://127.0.0.1:3000/?room={room}", true), ("http://[::1]:80/#x", true), ("http:localhost/x", true),
            ("http://user@localhost/", true), (#"http:\\localhost\x"#, true),
            ("http://localhost.example/", false), ("http://example.com/localhost", false),
            ("http://localhost@example.com/", false), ("http://127.0.0.2/", false),
            ("http://127.0.0.1.example/", false),
            ("http://[::2]/", false), ("http://{room}/", false), ("ws://localhost/", false),
            ("ftp://localhost/", false),
            ("file://localhost/x", false), ("foo://localhost/", false), ("http://example.com#@localhost", false),
        ])
    func http(template: String, isAccepted: Bool) {
        #expect(((try? fill(template)) != nil) == isAccepted)
        if !isAccepted { #expect(throws: RelayError.urlNotHTTPS) { try fill(template) } }
    }

    @Test(
        "everything that browsers accept as an https URL is accepted",
        arguments: [
            "https:example.com", "https:/example.com", #"https:\\example.com\x"#, "https:///example.com",
            "HTTPS://EXAMPLE.COM",
            "https://user:p@ss@example.com:443/", "https://@example.com", "https://example.com:",
            "https://example.com:00065535",
            "https://example.com?a", "https://example.com#a", "https://.", "https://a..b", "https://ex%41mple.com",
            "https://bücher.example",
            "https://1.2.3.4", "https://1.2.3", "https://4294967295", "https://0x7f.1", "https://0x",
            "https://017.0.0.1.", "https://1.2.3.4.a",
            "https://[::1]:8080/", "https://[1:2:3:4:5:6:7:8]", "https://[1::8]", "https://[::ffff:1.2.3.4]",
            "https://[::]",
            "https://[1:2:3:4:5:6:7::]", "https://a_b.example/|^[]@:", "https://a%", "https://a\\b", "https://x'y\"z",
        ].filter { $0 != "https://a%" })
    func valid(_ url: String) throws {
        #expect(try fill(url) == url)
    }

    @Test(
        "everything that no browser accepts as a URL is refused",
        arguments: [
            "example.com", "//example.com", "1https://a", "ht_tps://a", ":a", "https:", "https://", "https:///",
            "https://?a", "https://#",
            "https://@", "https://user@/", "https://:80", "https://a:65536", "https://a:8o", "https://a:-1",
            "https://a:80:80",
            "https://a%20b", "https://a%", "https://a%2", "https://a%ff", "https://a<b", "https://a|b", "https://a^b",
            "https://a]b",
            "https://[::1", "https://::1", "https://[]", "https://[::1]x", "https://x[::1]", "https://[:1]",
            "https://[1:2:3:4:5:6:7]",
            "https://[1:2:3:4:5:6:7:8:9]", "https://[1::2::3]", "https://[:::]", "https://[12345::]", "https://[g::]",
            "https://[1:2:3:4::5:6:7:8]",
            "https://[::1.2.3]", "https://[::1.2.3.256]", "https://[::01.2.3.4]", "https://[1.2.3.4::]",
            "https://[::1%25eth0]", "https://[1:]",
            "https://256.256.256.256", "https://1.2.3.4.5", "https://1.2.3.256", "https://4294967296", "https://a.1",
            "https://a.0x1",
            "https://1.2.08", "https://09", "https://1..2", "https://a\u{FFFD}", "http://", "ws://a:b:c", "foo://a^b",
            "foo://a:99999", "foo://:80",
            "file://a|b/",
        ])
    func invalid(_ url: String) {
        #expect(throws: RelayError.urlInvalid) { try fill(url) }
    }

    @Test(
        "any other URL is refused for not being https",
        arguments: [
            "http://a", "wss://a/", "ftp://a", "mailto:x", "https+x://a", "foo:", "foo://", "foo:///x", "foo://a:1/",
            "foo://u@[::1]:1",
            "file:///x", "file://C|/x", "file:x", "blob:https://a/b", "data:text/html,x",
        ])
    func notHTTPS(_ url: String) {
        #expect(throws: RelayError.urlNotHTTPS) { try fill(url) }
    }
}
