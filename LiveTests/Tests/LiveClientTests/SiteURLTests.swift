import LiveClient
import Testing

@Suite("The URL of a site")
struct SiteURLTests {
    @Test(
        "names a scheme, a host and a port",
        arguments: [
            ("https://my-app.fly.dev", true, "my-app.fly.dev", 443, "my-app.fly.dev"),
            ("HTTPS://My-App.fly.dev/", true, "my-app.fly.dev", 443, "my-app.fly.dev"),
            ("http://127.0.0.1:8080", false, "127.0.0.1", 8080, "127.0.0.1:8080"),
            ("http://relay", false, "relay", 80, "relay"),
            ("http://relay:443/", false, "relay", 443, "relay:443"),
            ("https://[::1]:8443", true, "::1", 8443, "[::1]:8443"),
        ])
    func site(text: String, isSecure: Bool, host: String, port: Int, authority: String) throws {
        let url = try SiteURL(text)
        #expect(url.isSecure == isSecure)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.authority == authority)
        #expect(url.description == (isSecure ? "https://" : "http://") + authority)
    }

    @Test(
        "is refused if it names more than a site, or none",
        arguments: [
            "my-app.fly.dev", "127.0.0.1:8080", "ws://relay", "ftp://relay", "https://", "https:///x", "https:relay",
            "https://relay/path", "https://relay/?a=1", "https://relay#part", "https://me@relay", "https://relay:0",
            "https://relay:65536", "https://relay:x", "https://re lay", "https://[::1", "",
        ])
    func refused(text: String) {
        #expect {
            try SiteURL(text)
        } throws: { error in
            let line = "\(error)"
            return line.hasPrefix("LIVE_URL ") && line.hasSuffix(text) && !line.contains("\n")
        }
    }
}
