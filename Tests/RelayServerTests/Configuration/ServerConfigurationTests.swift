import RelayCore
import RelayEngine
import RelayServer
import Testing

@Suite("Configuration from the environment")
struct ServerConfigurationTests {
    @Test("an unset or empty variable has its default", arguments: VariableCase.all)
    func hasDefaults(variable: VariableCase) throws {
        #expect(variable.read(try Environment.configuration([:])) == variable.standard)
        #expect(variable.read(try Environment.configuration([variable.variable: ""])) == variable.standard)
    }

    @Test("a variable sets its own value and no other", arguments: VariableCase.all)
    func readsVariables(variable: VariableCase) throws {
        let configuration = try Environment.configuration([variable.variable: variable.value])
        #expect(variable.read(configuration) == variable.reading)
        // Some follow others: those have tests of their own below.
        guard !variable.variable.contains("FLY"), !["INSTANCE_ID", "SIBLINGS"].contains(variable.variable) else {
            return
        }
        for other in VariableCase.all where other.variable != variable.variable {
            #expect(other.read(configuration) == other.standard, "\(other.variable)")
        }
    }

    @Test("zero is a value, and disables a limit", arguments: VariableCase.all.filter(\.hasOff))
    func takesZero(variable: VariableCase) throws {
        #expect(variable.read(try Environment.configuration([variable.variable: "0"])) == "0")
    }

    @Test(
        "an invalid value stops the start with one line that names the variable and the value",
        arguments: [
            ("PORT", "65536"), ("PORT", "-1"), ("PORT", "+80"), ("PORT", "http"), ("PORT", "3000.0"), ("PORT", " 3000"),
            ("METRICS_PORT", "3000"), ("METRICS_PORT", "65536"), ("METRICS_PORT", "+1"), ("METRICS_PORT", "on"),
            ("PORT", "30\n00"), ("PORT", "99999999999999999999"), ("RELAY_THREADS", "0"), ("RELAY_THREADS", "257"),
            ("INSTANCE_ID", "a_b"), ("INSTANCE_ID", "a b"), ("FLY_MACHINE_ID", "ä"),
            ("DASHBOARD_URL", "https://example.com/a b"), ("DASHBOARD_URL", "https://example.com/\r\nX: y"),
            ("DASHBOARD_URL", "example.com"), ("DASHBOARD_URL", "/here"), ("CLIENT_IP_HEADER", "X Real IP"),
            ("CLIENT_IP_HEADER", "X-Real-IP:"), ("DEMO", "true"), ("DEMO", "OFF"), ("DEMO", "1"), ("DEMO", " on"),
            ("ROOM_CODES", "EASY"), ("ROOM_CODES", "on"), ("ROOM_CODES", "hard"), ("ROOM_CODES", "easy "),
            ("LOG_LEVEL", "loud"),
            ("LOG_LEVEL", "INFO"), ("IO_URING", "1"), ("IO_URING", "ON"), ("FLY_APP_NAME", "my app"),
            ("FLY_APP_NAME", "app\n"), ("ALLOWED_ORIGINS", ","),
            ("ALLOWED_ORIGINS", "https://a.example https://b.example"), ("ALLOWED_ORIGINS", "a.example"),
            ("ALLOWED_ORIGINS", "https://a.example/"), ("ALLOWED_ORIGINS", "*"), ("ALLOWED_ORIGINS", "https://"),
            ("ALLOWED_ORIGINS", "https://a.example\n\u{1B}[31m"), ("ALLOWED_ORIGINS", "https://m\u{FC}nchen.example"),
            ("FLY_APP_NAME", String(repeating: "a", count: 64)), ("DNS_SERVERS", "dns.example"), ("DNS_SERVERS", ","),
            ("DNS_SERVERS", "10.0.0.1:0"), ("DNS_SERVERS", "10.0.0.1:65536"), ("DNS_SERVERS", "10.0.0.1:"),
            ("DNS_SERVERS", "[10.0.0.1]:53"), ("DNS_SERVERS", "[::1"), ("DNS_SERVERS", "[::1]53"),
            ("DNS_SERVERS", "::1%lo"), ("DNS_SERVERS", "10.0.0.1 10.0.0.2"), ("DNS_SERVERS", "10.0.0.1,"),
            ("DNS_SERVERS", "10.0.0.1:+53"), ("HOST_GRACE_SECONDS", "-5"), ("HOST_GRACE_SECONDS", "2m"),
            ("SIBLINGS", "dns"), ("SIBLINGS", "dns:"), ("SIBLINGS", "dns::81"), ("SIBLINGS", "dns:relay:"),
            ("SIBLINGS", "dns:relay:0"), ("SIBLINGS", "dns:relay:65536"), ("SIBLINGS", "dns:relay:81:82"),
            ("SIBLINGS", "dns:relay:http"), ("SIBLINGS", "relay"), ("SIBLINGS", "DNS:relay"),
            ("SIBLINGS", "dns: relay"),
            ("SIBLINGS", "dns:my relay"), ("SIBLINGS", "dns:a..b"), ("SIBLINGS", "dns:."), ("SIBLINGS", "dns:10.0.0.1"),
            ("SIBLINGS", "dns:10.0.0.1:81"), ("SIBLINGS", "dns:[fdaa::3]:81"), ("SIBLINGS", "dns:fdaa::3"),
            ("SIBLINGS", "dns:\(String(repeating: "a", count: 64))"), ("SIBLINGS", "dns:m\u{FC}nchen"),
            ("SIBLINGS", "dns:relay\n"), ("SIBLINGS", "fly"), ("SIBLINGS", "fly:relay"), ("SIBLINGS", "none"),
            ("MAX_MESSAGE_BYTES", "2MiB"),
            ("MAX_QUEUED_BYTES", "4e6"), ("MAX_BUFFERED_BYTES", "-1"), ("MESSAGES_PER_SECOND", "many"),
            ("MAX_CONNECTIONS", "0x10"), ("MAX_ROOMS", "1,000"), ("MAX_CLIENTS_PER_ROOM", "ten"),
            ("MAX_CLIENT_ID_BYTES", "256 "), ("JOIN_TIMEOUT_SECONDS", "10s"), ("HANDSHAKE_TIMEOUT_SECONDS", "1.5"),
            ("DRAIN_SECONDS", "5m"), ("DRAIN_SECONDS", "-1"),
            ("EMPTY_GRACE_SECONDS", "-1"), ("HOLD_SECONDS", "601"), ("HOLD_SECONDS", "-1"), ("HANDOFF_SECONDS", "5s"),
            ("ROOMS_FILE", "/var/lib/"), ("ROOMS_FILE", "/"),
            ("IDLE_TIMEOUT_SECONDS", "x"), ("MISSES_PER_MINUTE", "99999999999"),
        ])
    func refuses(variable: String, value: String) throws {
        let refusal = try #require(Environment.refusal([variable: value]))
        #expect(refusal.variable == variable)
        #expect(refusal.value == value)
        #expect(refusal.description.hasPrefix("\(variable) must be "))
        #expect(refusal.description.unicodeScalars.allSatisfy { !$0.properties.generalCategory.isControl })
    }

    @Test("the metrics port must differ from the clients', unless both are 0")
    func separatesPorts() throws {
        let refusal = try #require(Environment.refusal(["PORT": "8080", "METRICS_PORT": "8080"]))
        #expect(refusal.description.hasPrefix("METRICS_PORT must be "))
        #expect(refusal.description.contains("PORT"))
        let free = try Environment.configuration(["PORT": "0", "METRICS_PORT": "0"])
        #expect(free.engine.metricsPort == 0)
        #expect(try Environment.configuration(["PORT": "8080", "METRICS_PORT": "3000"]).engine.metricsPort == 3_000)
    }

    @Test("a secret that is too short stops the start with a line that does not show it")
    func hidesSecret() throws {
        let refusal = try #require(Environment.refusal(["CLUSTER_SECRET": String(repeating: "s", count: 31)]))
        #expect(refusal.description == "CLUSTER_SECRET must be at least 32 characters")
        var dump = ""
        Swift.dump(refusal, to: &dump)
        #expect(!dump.contains("sss"))
    }

    @Test("the line shows only the beginning of a long value")
    func shortensValues() throws {
        let refusal = try #require(Environment.refusal(["PORT": String(repeating: "x", count: 100_000)]))
        #expect(refusal.description.utf8.count < 300)
    }

    @Test("a list of origins with a mistake is refused with the entry and what is wrong with it")
    func namesWrongOrigin() throws {
        let refusal = try #require(Environment.refusal(["ALLOWED_ORIGINS": "https://a.example,b.example"]))
        #expect(
            refusal.description
                == "ALLOWED_ORIGINS must be a comma-separated list of origins like https://game.example "
                + #"("b.example" has no scheme like https://), not "https://a.example,b.example""#)
    }
}

extension Unicode.GeneralCategory {
    fileprivate var isControl: Bool { self == .control || self == .lineSeparator || self == .paragraphSeparator }
}
