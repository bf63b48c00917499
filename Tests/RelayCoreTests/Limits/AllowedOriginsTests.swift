import RelayCore
import Testing

@Suite("Allowed origins")
struct AllowedOriginsTests {
    @Test(
        "an origin is allowed if it is one of the list, in whatever case and with the scheme's port or without",
        arguments: [
            ("https://game.example", "https://game.example", true),
            ("https://game.example", "http://game.example", false),
            ("https://game.example", "HTTPS://Game.Example", true),
            ("HTTPS://Game.Example", "https://game.example", true),
            ("https://game.example", "https://game.example:443", true),
            ("https://game.example:443", "https://game.example", true),
            ("http://game.example:80", "http://game.example", true),
            ("https://game.example:80", "https://game.example", false),
            ("https://game.example:0443", "https://game.example", true),
            ("https://game.example", "https://game.example:8443", false),
            ("https://game.example:8443", "https://game.example:8443", true),
            ("https://game.example:8443", "https://game.example", false),
            ("wss://game.example:443", "wss://game.example", true),
            ("wss://game.example", "https://game.example", false),
            ("https://game.example", "https://game.example.evil", false),
            ("https://game.example", "https://evil.game.example", false),
            ("https://game.example", "https://game.example/", false), ("https://game.example", "game.example", false),
            ("https://game.example", "https://game.example@evil.test", false),
            ("https://game.example", "https://game.example https://evil.test", false),
            ("https://game.example", "https://game.example.", false), ("https://game.example", "null", false),
            ("https://game.example", "https://", false), ("https://game.example", "://game.example", false),
            ("https://game.example", "https://g\u{E4}me.example", false),
            ("https://game.example", "https://game.example:", false),
            ("https://game.example", "https://game.example:443x", false),
            ("https://game.example", "https://game.example:65979", false),
            ("http://192.168.1.5:8080", "http://192.168.1.5:8080", true),
            ("http://[::1]:3000", "http://[0:0:0:0:0:0:0:1]:3000", true),
            ("http://[2001:DB8::A]", "http://[2001:db8::a]:80", true),
            ("http://[::1]", "http://[::2]", false), ("http://[::1]", "http://::1", false),
            ("https://xn--mnchen-3ya.example", "https://xn--mnchen-3ya.example", true),
        ])
    func exact(list: String, origin: String, isAllowed: Bool) throws {
        #expect(try AllowedOrigins(list).contains(origin) == isAllowed)
    }

    @Test(
        "what apps and pages without a server send can be written",
        arguments: [
            "null", "file://", "capacitor://localhost", "ionic://localhost", "app://.", "app://-", "tauri://localhost",
            "chrome-extension://gighmmpiobklfepjocnamgkkbiglidom", "app://obsidian.md", "app://",
            "moz-extension://4c5e7b38-0b0f-4b5c-9a6c-6f0c5d1f3a2e", "safari-web-extension://4C5E7B38-0B0F-4B5C-9A6C",
            "https://localhost", "http://localhost", "http://localhost:5173", "http://127.0.0.1:3000",
            "http://[::1]:3000",
            "vscode-webview://0kq2v", "ms-appx-web://game_1", "http://tauri.localhost", "https://game-1.itch.zone",
        ])
    func apps(origin: String) throws {
        let allowed = try AllowedOrigins("https://other.example,\(origin)")
        #expect(allowed.contains(origin))
        #expect(!allowed.contains("https://evil.test"))
        for other in ["null", "file://", "app://.", "http://localhost:5173"] where other != origin {
            #expect(!allowed.contains(other))
        }
    }

    @Test(
        "a * stands for subdomains, though not for the domain itself, or for any port",
        arguments: [
            ("https://*.game.example", "https://eu.game.example", true),
            ("https://*.game.example", "https://a.b.game.example", true),
            ("https://*.Game.example", "https://EU.game.example:443", true),
            ("https://*.game.example", "https://game.example", false),
            ("https://*.game.example", "https://.game.example", false),
            ("https://*.game.example", "https://evilgame.example", false),
            ("https://*.game.example", "http://eu.game.example", false),
            ("https://*.game.example", "https://eu.game.example:8443", false),
            ("https://*.game.example", "https://eu.game.example.evil", false),
            ("https://*.game.example", "https://*.game.example", false),
            ("https://*.game.example:8443", "https://eu.game.example:8443", true),
            ("http://localhost:*", "http://localhost:5173", true), ("http://localhost:*", "http://localhost", true),
            ("http://localhost:*", "https://localhost:5173", false),
            ("http://localhost:*", "http://a.localhost:5173", false),
            ("http://[::1]:*", "http://[::1]:99", true), ("http://*.localhost:*", "http://a.localhost:5173", true),
            ("http://*.localhost:*", "http://localhost:5173", false),
        ])
    func wildcards(list: String, origin: String, isAllowed: Bool) throws {
        #expect(try AllowedOrigins(list).contains(origin) == isAllowed)
    }

    @Test(
        "white space, quotes around entries and brackets around the list are no part of it",
        arguments: [
            "https://a.example,https://b.example", " https://a.example ,\thttps://b.example\n",
            "\"https://a.example,https://b.example\"", "'https://a.example','https://b.example'",
            "[\"https://a.example\", \"https://b.example\"]", "[https://a.example,https://b.example]",
            ",https://a.example,,https://b.example,", " [ 'https://a.example' , 'https://b.example' ] ",
        ])
    func wrapped(list: String) throws {
        let allowed = try AllowedOrigins(list)
        #expect(allowed.contains("https://a.example") && allowed.contains("https://b.example"))
        #expect(!allowed.contains("https://c.example"))
    }

    @Test("a list of one IPv6 address in brackets loses the list's brackets only")
    func bracketedAddress() throws {
        #expect(try AllowedOrigins("[http://[::1]]").contains("http://[::1]"))
        #expect(try AllowedOrigins("http://[::1]").contains("http://[::1]"))
    }

    @Test(
        "what no client sends is a mistake, and is named",
        arguments: [
            ("", .none), (",", .none), ("\"\"", .none), ("[]", .none), ("*", .wildcard("*")),
            ("https://*", .wildcard("https://*")), ("https://a.*.example", .wildcard("https://a.*.example")),
            ("https://*game.example", .wildcard("https://*game.example")),
            ("*.game.example", .wildcard("*.game.example")),
            ("https://*.*.example", .wildcard("https://*.*.example")),
            ("http://localhost:*0", .wildcard("http://localhost:*0")),
            ("game.example", .scheme("game.example")), ("https:game.example", .scheme("https:game.example")),
            ("//game.example", .scheme("//game.example")), ("https://a.example/", .path("https://a.example/")),
            ("https://a.example/game", .path("https://a.example/game")), ("file:///", .path("file:///")),
            ("https://m\u{FC}nchen.example", .notASCII("https://m\u{FC}nchen.example")),
            ("\u{201C}https://a.example\u{201D}", .notASCII("\u{201C}https://a.example\u{201D}")),
            ("https://a.example https://b.example", .whiteSpace("https://a.example https://b.example")),
            ("https://a.example;https://b.example", .path("https://a.example;https://b.example")),
            ("https://", .malformed("https://")), ("https://.", .malformed("https://.")),
            ("https://a.example?x", .malformed("https://a.example?x")),
            ("https://a@b.example", .malformed("https://a@b.example")),
            ("https://a.example:", .malformed("https://a.example:")),
            ("https://a.example:0", .malformed("https://a.example:0")),
            ("https://a.example:65536", .malformed("https://a.example:65536")),
            ("http://[::1", .malformed("http://[::1")),
            ("http://[::g]", .malformed("http://[::g]")), ("http://[1.2.3.4]", .malformed("http://[1.2.3.4]")),
            ("http://::1", .malformed("http://::1")), ("1http://a.example", .malformed("1http://a.example")),
            ("https://*.[::1]", .malformed("https://*.[::1]")), ("https://*.", .malformed("https://*.")),
            ("https://*..example", .malformed("https://*..example")), ("file://:*", .malformed("file://:*")),
            ("file://:80", .malformed("file://:80")), ("http://a.example:80:*", .malformed("http://a.example:80:*")),
            ("[https://a.example", .malformed("[https://a.example")), ("https://good.example,bad", .scheme("bad")),
        ] as [(String, AllowedOriginsMistake)])
    func mistakes(list: String, mistake: AllowedOriginsMistake) {
        #expect(throws: mistake) { try AllowedOrigins(list) }
        #expect(mistake.description.hasPrefix("a comma-separated list of origins like https://game.example"))
    }

    @Test("a mistake is told in one short line, whatever the entry")
    func lines() {
        let mistake = AllowedOriginsMistake.scheme(String(repeating: "a\nb\u{1B}", count: 10_000))
        #expect(mistake.description.utf8.count < 300)
        #expect(mistake.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }
}
