import LiveClient
import Testing

@Suite("Settings")
struct LiveSettingsTests {
    @Test("without LIVE_URL there are no settings, whatever else is set")
    func unset() throws {
        #expect(try LiveSettings([:]) == nil)
        #expect(try LiveSettings(["LIVE_URL": "", "LIVE_INSTANCES": "no, list!"]) == nil)
    }

    @Test("the machines are the listed ones, otherwise the app's, otherwise those that answer")
    func machines() throws {
        #expect(try source(["LIVE_INSTANCES": "a,b"]) == .ids(["a", "b"].compactMap(MachineID.init)))
        let machine = try #require(MachineID("a"))
        #expect(try source(["LIVE_MACHINES": "a:ams"]) == .machines([Machine(id: machine, region: "ams")]))
        #expect(try source(["LIVE_APP": "party", "LIVE_INSTANCES": "a"]) == .ids([machine]))
        #expect(try source(["LIVE_APP": "party", "LIVE_MACHINES": ""]) == .flyApp("party"))
        #expect(try source([:]) == .discovery)
    }

    @Test("the system's authorities are trusted unless LIVE_CA names others")
    func authority() throws {
        #expect(try LiveSettings(["LIVE_URL": "https://relay"])?.authority == nil)
        #expect(try LiveSettings(["LIVE_URL": "https://relay", "LIVE_CA": ""])?.authority == nil)
        #expect(try LiveSettings(["LIVE_URL": "https://relay", "LIVE_CA": "/ca.pem"])?.authority == "/ca.pem")
    }

    @Test(
        "a host of the platform names the app, and no other does",
        arguments: [
            ("https://my-app.fly.dev", "my-app"), ("https://fly.dev", nil), ("https://a.b.fly.dev", nil),
            ("https://my-app.fly.dev.example", nil), ("https://-a.fly.dev", nil), ("http://127.0.0.1:8080", nil),
        ])
    func app(url: String, app: String?) throws {
        #expect(try LiveSettings(["LIVE_URL": url])?.machines == app.map { .flyApp($0) } ?? .discovery)
    }

    @Test(
        "a value that cannot be used is refused in one line that names the variable",
        arguments: [
            ["LIVE_URL": "my-app.fly.dev"], ["LIVE_URL": "http://relay", "LIVE_INSTANCES": "a,,b"],
            ["LIVE_URL": "http://relay", "LIVE_MACHINES": "a"], ["LIVE_URL": "http://relay", "LIVE_APP": "--config"],
            ["LIVE_URL": "http://relay", "LIVE_MACHINES": "a:ams", "LIVE_INSTANCES": "a"],
            ["LIVE_URL": "https://relay", "LIVE_CA": "ca.pem"],
        ])
    func refused(environment: [String: String]) {
        #expect {
            try LiveSettings(environment)
        } throws: { error in
            "\(error)".hasPrefix("LIVE_") && !"\(error)".contains("\n")
        }
    }

    private func source(_ variables: [String: String]) throws -> LiveSettings.Source? {
        try LiveSettings(variables.merging(["LIVE_URL": "http://relay"]) { $1 })?.machines
    }
}
