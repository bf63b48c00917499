import Logging
import RelayCore
import RelayEngine
import RelayServer
import RelayWire
import Testing

/// A variable, with what the configuration says of it when it is not set, when it is, and when it is off.
struct VariableCase: Sendable, CustomTestStringConvertible {
    let variable: String
    let standard: String
    /// A usable value, and what it comes to.
    let value: String
    let reading: String
    /// True if 0 is a valid value.
    let hasOff: Bool
    let read: @Sendable (ServerConfiguration) -> String

    var testDescription: String { variable }

    /// A number that reads as it is written.
    private static func number(
        _ variable: String, _ standard: Int, hasOff: Bool = true,
        _ read: @escaping @Sendable (ServerConfiguration) -> Int
    ) -> VariableCase {
        VariableCase(variable: variable, standard: "\(standard)", value: "77", reading: "77", hasOff: hasOff) {
            "\(read($0))"
        }
    }

    private static func text(
        _ variable: String, _ standard: String, _ value: String, _ reading: String? = nil,
        _ read: @escaping @Sendable (ServerConfiguration) -> String?
    ) -> VariableCase {
        VariableCase(variable: variable, standard: standard, value: value, reading: reading ?? value, hasOff: false) {
            read($0) ?? "none"
        }
    }

    private init(
        variable: String, standard: String, value: String, reading: String, hasOff: Bool,
        read: @escaping @Sendable (ServerConfiguration) -> String
    ) {
        self.variable = variable
        self.standard = standard
        self.value = value
        self.reading = reading
        self.hasOff = hasOff
        self.read = read
    }

    static let all: [VariableCase] = address + limits

    private static let address: [VariableCase] = [
        number("PORT", 3_000) { $0.engine.port },
        number("METRICS_PORT", -1) { $0.engine.metricsPort ?? -1 },
        text("HOST", "none", "::1") { $0.engine.host },
        text("INSTANCE_ID", "none", "machine-1") { $0.engine.identity.instance?.text },
        text("FLY_MACHINE_ID", "none", "91858d2a") { $0.engine.identity.instance?.text },
        text("REGION", "", "my \"place\"") { $0.engine.regionLabel },
        text("FLY_REGION", "none", "ams") { $0.engine.identity.region?.name },
        text("FLY_APP_NAME", "false", "party", "true") { "\($0.engine.identity.isRoutingOn)" },
        text("SIBLINGS", "none", "dns:relay.internal:81", "dns(name: \"relay.internal\", region: nil) 81") {
            $0.cluster.map { "\($0.siblings) \($0.port)" }
        },
        text("DASHBOARD_URL", "none", "https://example.com/d?a=1") { $0.dashboardURL },
        text("ROOM_CODES", "mixed", "easy") { $0.engine.codes.rawValue },
        text("DEMO", "true", "off", "false") { "\($0.engine.servesDemo)" },
        text("CLIENT_IP_HEADER", "none", "X-Real-IP", "x-real-ip") { $0.engine.clientIPHeader?.description },
        text("ALLOWED_ORIGINS", "none", "https://b.example, http://a.example:81", "a and b, no other") {
            guard let allowed = $0.engine.allowedOrigins else { return nil }
            let isBoth = allowed.contains("https://b.example") && allowed.contains("http://a.example:81")
            return isBoth && !allowed.contains("http://a.example") ? "a and b, no other" : "some"
        },
        text("LOG_LEVEL", "info", "warning") { $0.logLevel.rawValue },
        number("RELAY_THREADS", 4, hasOff: false) { $0.engine.loops },
        text("IO_URING", "auto", "off") { $0.engine.ioUring.rawValue },
        number("HOST_GRACE_SECONDS", 120) { $0.engine.hostGrace },
        number("EMPTY_GRACE_SECONDS", 30) { $0.engine.emptyGrace },
        number("HOLD_SECONDS", 0) { $0.engine.holdSeconds },
        number("HANDOFF_SECONDS", 5) { $0.engine.handoffSeconds },
        text("ROOMS_FILE", "none", "/var/lib/relay/rooms") { $0.roomsFile },
        text("CLUSTER_SECRET", "none", String(repeating: "s", count: 32), "this one") {
            guard let secret = $0.clusterSecret else { return nil }
            return secret == ClusterSecret(String(repeating: "s", count: 32)) ? "this one" : "another"
        },
    ]

    private static let limits: [VariableCase] = [
        number("MAX_MESSAGE_BYTES", 2 << 20) { $0.engine.transport.maxMessageBytes },
        number("MAX_QUEUED_BYTES", 4 << 20) { $0.engine.transport.maxQueuedBytes },
        number("MAX_BUFFERED_BYTES", 96 << 20) { $0.engine.transport.maxBufferedBytes },
        number("MESSAGES_PER_SECOND", 1_000) { $0.engine.transport.messagesPerSecond },
        number("MAX_CONNECTIONS", 20_000) { $0.engine.maxConnections },
        number("MAX_ROOMS", 10_000) { $0.engine.maxRooms },
        number("MAX_CONNECTIONS_PER_ADDRESS", 1_000) { $0.engine.maxConnectionsPerAddress },
        number("MAX_ROOMS_PER_ADDRESS", 500) { $0.engine.maxRoomsPerAddress },
        number("MAX_CLIENTS_PER_ROOM", 1_000) { $0.engine.messageLimits.maxClientsPerRoom },
        number("MAX_CLIENT_ID_BYTES", 256) { $0.engine.messageLimits.maxClientIDBytes },
        number("JOIN_TIMEOUT_SECONDS", 600) { $0.engine.joinTimeout },
        number("DRAIN_SECONDS", 290) { $0.engine.drainSeconds },
        number("DRAIN_DELAY_SECONDS", 0) { $0.engine.drainDelaySeconds },
        number("HANDSHAKE_TIMEOUT_SECONDS", 10) { $0.engine.transport.handshakeTimeout },
        number("IDLE_TIMEOUT_SECONDS", 20) { $0.engine.transport.idleTimeout },
        number("MISSES_PER_MINUTE", 240) { $0.engine.missesPerMinute },
    ]
}
