package import Configuration
package import Logging
package import RelayCore
package import RelayEngine
internal import RelayWire

/// The configuration from the environment; ops/CONFIGURATION.md has a table of the variables.
package struct ServerConfiguration: Sendable {
    package var engine = EngineConfiguration()
    /// The target of `GET /`.
    package var dashboardURL: String?
    package var logLevel = Logger.Level.info
    /// The file that keeps rooms over a restart; nil for none.
    package var roomsFile: String?
    /// What the cluster's machines know each other by when they hand rooms over; nil where they hand over none.
    package var clusterSecret: ClusterSecret? { engine.clusterSecret }
    /// Nil without siblings to ask: outside a cluster, or if codes carry no region on a platform that has several.
    package private(set) var cluster: ClusterConfiguration?
    private var siblings: SiblingsSetting?
    /// The value of `FLY_REGION` if it is none of the regions that codes can carry.
    private var unknownRegion: String?
    /// The value that `MAX_CONNECTIONS` was set to, if the open files allow less.
    private var wantedConnections: Int?
    /// The value of `FLY_MACHINE_ID` if it differs from `INSTANCE_ID`.
    private var otherID: String?

    package init() {}

    /// - Parameter machine: the machine's limits, for the defaults.
    package init(from reader: ConfigReader, machine: MachineLimits) throws(ConfigurationError) {
        let environment = EnvironmentVariables(reader)
        try readAddress(environment)
        try readIdentity(environment)
        try readTransport(environment, on: machine)
        let mostLoops = 256
        engine.loops = try environment.number(
            "RELAY_THREADS", default: min(machine.processors, mostLoops), in: 1...mostLoops)
        let modes = IOUringMode.allCases.map(\.rawValue).joined(separator: ", ")
        engine.ioUring = try environment.value("IO_URING", "one of \(modes)", { IOUringMode(rawValue: $0) }) ?? .auto
        try readLimits(environment)
        boundPeers()
        try readDemo(environment)
        try readCluster(environment)
        try readJourneys(environment)
        follow(machine, whereSet: environment)
        engine.codes = try environment.value("ROOM_CODES", "mixed or easy", { CodeStyle(rawValue: $0) }) ?? .mixed
        let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
        logLevel = try environment.value("LOG_LEVEL", "one of \(levels)", { Logger.Level(rawValue: $0) }) ?? .info
    }

    private mutating func readAddress(_ environment: EnvironmentVariables) throws(ConfigurationError) {
        let address = try RelayAddress(environment)
        engine.host = address.host
        engine.port = address.port
        let expected = "a whole number from 0 to 65535, and not the same as PORT"
        engine.metricsPort = try environment.value("METRICS_PORT", expected) { text in
            // Two free ports are never the same.
            EnvironmentVariables.number(text, in: 0...65_535).flatMap { $0 == address.port && $0 > 0 ? nil : $0 }
        }
    }

    private mutating func readIdentity(_ environment: EnvironmentVariables) throws(ConfigurationError) {
        // It becomes part of the dashboard's URL and of the DNS names of siblings.
        let app = try environment.value("FLY_APP_NAME", "1 to 63 letters, digits, hyphens and underscores") { text in
            let isName = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "-" || $0 == "_" }
            return isName && text.utf8.count <= 63 ? text : nil
        }
        siblings = try environment.value("SIBLINGS", SiblingsSetting.expected) { text in
            SiblingsSetting(text).flatMap { $0 == .fly && app == nil ? nil : $0 }
        }
        let flyRegion = environment.text("FLY_REGION")
        let id = "1 to 64 letters, digits and hyphens"
        let instance = try environment.value("INSTANCE_ID", id, { InstanceID($0) })
        let machine = instance == nil ? try environment.value("FLY_MACHINE_ID", id, { InstanceID($0) }) : nil
        otherID = instance == nil ? nil : environment.text("FLY_MACHINE_ID").flatMap { $0 == instance?.text ? nil : $0 }
        let region = flyRegion.flatMap { Region(name: $0) }
        engine.identity = RoutingIdentity(
            isRoutingOn: app != nil || hasNamedSiblings, instance: instance ?? machine, region: region,
            isOneRegion: hasNamedSiblings && region == nil)
        unknownRegion = engine.identity.region == nil ? flyRegion : nil
        engine.regionLabel = environment.text("REGION") ?? flyRegion ?? ""

        let hosted = app.map { "https://fly-metrics.net/d/fly-app/fly-app?var-app=\($0)" }
        let dashboard = try environment.value("DASHBOARD_URL", "an http or https URL in visible ASCII") { text in
            let isURL = text.hasPrefix("http://") || text.hasPrefix("https://")
            return isURL && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } ? text : nil
        }
        // Set but empty means no dashboard.
        dashboardURL = environment.raw("DASHBOARD_URL") == nil ? hosted : dashboard
        let header = try environment.value("CLIENT_IP_HEADER", "the name of a header", { HeaderName($0) })
        engine.clientIPHeader = header ?? (app == nil ? nil : HeaderName("fly-client-ip"))
    }

    /// On a public platform nobody is to find a page that its owner has not asked for.
    private mutating func readDemo(_ environment: EnvironmentVariables) throws(ConfigurationError) {
        let choice = try environment.value("DEMO", "on or off", { ["on": true, "off": false][$0] })
        engine.servesDemo = choice ?? (environment.text("FLY_APP_NAME") == nil)
    }

    private mutating func readCluster(_ environment: EnvironmentVariables) throws(ConfigurationError) {
        let servers = try environment.value(
            "DNS_SERVERS", "a comma-separated list of addresses like 10.0.0.1:53 or [fdaa::3]:53", NameServer.list)
        let source: SiblingSource
        var port = engine.port
        if case .dns(let name, let ownPort) = siblings {
            source = .dns(name: name, region: engine.identity.region)
            port = ownPort ?? port
        } else {
            guard let app = environment.text("FLY_APP_NAME"), let region = engine.identity.region else { return }
            source = .fly(app: app, region: region)
        }
        guard port > 0 else { return }
        cluster = ClusterConfiguration(
            siblings: source, instance: engine.identity.instance, port: port, nameServers: servers)
    }

    /// True if siblings are found by a name in the DNS, and not on a platform's list.
    private var hasNamedSiblings: Bool {
        if case .dns = siblings { true } else { false }
    }

    /// Bounds the sockets of one address too, where the peer is the client and not a proxy: as many again as it may
    /// have WebSockets, for requests and for those that still close.
    private mutating func boundPeers() {
        let most = engine.maxConnectionsPerAddress
        guard engine.clientIPHeader == nil, most > 0 else { return }
        engine.maxSocketsPerPeer = most + max(most, 64)
    }

    /// Lowers the limits that the open files do not allow. For a default that is no news.
    private mutating func follow(_ machine: MachineLimits, whereSet environment: EnvironmentVariables) {
        let search = cluster == nil ? 0 : machine.searchSockets
        cluster?.sockets = search
        engine.transport.maxSockets = machine.sockets(loops: engine.loops, search: search)
        let most = machine.connections(loops: engine.loops, search: search)
        guard engine.maxConnections > most else { return }
        wantedConnections = environment.text("MAX_CONNECTIONS") == nil ? nil : engine.maxConnections
        engine.maxConnections = most
    }

    private mutating func readTransport(
        _ environment: EnvironmentVariables, on machine: MachineLimits
    ) throws(ConfigurationError) {
        let standard = engine.transport
        engine.transport.maxMessageBytes = try environment.number(
            "MAX_MESSAGE_BYTES", default: standard.maxMessageBytes)
        engine.transport.maxQueuedBytes = try environment.number("MAX_QUEUED_BYTES", default: standard.maxQueuedBytes)
        engine.transport.maxBufferedBytes = try environment.number(
            "MAX_BUFFERED_BYTES", default: machine.bufferedBytes(standard: standard.maxBufferedBytes), in: 0...Int.max)
        engine.transport.messagesPerSecond = try environment.number(
            "MESSAGES_PER_SECOND", default: standard.messagesPerSecond, in: 0...1_000_000_000)
        engine.transport.handshakeTimeout = try environment.number(
            "HANDSHAKE_TIMEOUT_SECONDS", default: standard.handshakeTimeout)
        engine.transport.idleTimeout = try environment.number("IDLE_TIMEOUT_SECONDS", default: standard.idleTimeout)
    }

    private mutating func readLimits(_ environment: EnvironmentVariables) throws(ConfigurationError) {
        engine.maxConnections = try environment.number("MAX_CONNECTIONS", default: engine.maxConnections)
        engine.maxRooms = try environment.number("MAX_ROOMS", default: engine.maxRooms)
        engine.maxConnectionsPerAddress = try environment.number(
            "MAX_CONNECTIONS_PER_ADDRESS", default: engine.maxConnectionsPerAddress)
        engine.maxRoomsPerAddress = try environment.number(
            "MAX_ROOMS_PER_ADDRESS", default: engine.maxRoomsPerAddress)
        engine.messageLimits.maxClientsPerRoom = try environment.number(
            "MAX_CLIENTS_PER_ROOM", default: engine.messageLimits.maxClientsPerRoom)
        engine.messageLimits.maxClientIDBytes = try environment.number(
            "MAX_CLIENT_ID_BYTES", default: engine.messageLimits.maxClientIDBytes)
        engine.drainSeconds = try environment.number("DRAIN_SECONDS", default: engine.drainSeconds)
        engine.drainDelaySeconds = try environment.number("DRAIN_DELAY_SECONDS", default: engine.drainDelaySeconds)
        engine.joinTimeout = try environment.number("JOIN_TIMEOUT_SECONDS", default: engine.joinTimeout)
        engine.hostGrace = try environment.number("HOST_GRACE_SECONDS", default: engine.hostGrace)
        engine.emptyGrace = try environment.number("EMPTY_GRACE_SECONDS", default: engine.emptyGrace)
        engine.holdSeconds = try environment.number(
            "HOLD_SECONDS", default: engine.holdSeconds, in: 0...MessageDetails.maximumHoldSeconds)
        engine.missesPerMinute = try environment.number("MISSES_PER_MINUTE", default: engine.missesPerMinute)
        engine.allowedOrigins = try ServerConfiguration.allowedOrigins(environment)
    }

    private static func allowedOrigins(
        _ environment: EnvironmentVariables
    ) throws(ConfigurationError) -> AllowedOrigins? {
        let variable = "ALLOWED_ORIGINS"
        guard let list = environment.text(variable) else { return nil }
        do throws(AllowedOriginsMistake) {
            return try AllowedOrigins(list)
        } catch {
            throw ConfigurationError(variable: variable, value: list, expected: "\(error)")
        }
    }

    /// Warnings about valid but suspicious values, one line each.
    package func doubts(on machine: MachineLimits) -> [String] {
        var doubts: [String] = []
        if let wantedConnections {
            doubts.append(
                "MAX_CONNECTIONS is \(engine.maxConnections) and not \(wantedConnections): "
                    + "the limit of \(machine.openFiles) open files allows no more")
        }
        if let memory = machine.memory, engine.transport.maxBufferedBytes > memory / 2 {
            doubts.append(
                "MAX_BUFFERED_BYTES (\(engine.transport.maxBufferedBytes)) is more than half of the memory (\(memory))")
        }
        if engine.drainSeconds > 0, engine.drainDelaySeconds > engine.drainSeconds {
            doubts.append(
                "DRAIN_DELAY_SECONDS (\(engine.drainDelaySeconds)) is more than DRAIN_SECONDS "
                    + "(\(engine.drainSeconds)), which ends a drain")
        }
        if let unknownRegion {
            doubts.append("FLY_REGION \(unknownRegion.debugDescription) is not known: room codes carry no region")
        }
        if engine.identity.isRoutingOn, engine.identity.instance == nil {
            let variable = hasNamedSiblings ? "SIBLINGS" : "FLY_APP_NAME"
            doubts.append("INSTANCE_ID is not set, but \(variable) is: nobody can be sent to this machine's rooms")
        }
        if engine.identity.isRoutingOn, let otherID {
            doubts.append("INSTANCE_ID is not FLY_MACHINE_ID (\(otherID.debugDescription)), by which siblings ask")
        }
        if engine.identity.isRoutingOn, engine.port == 0, cluster == nil {
            let variable = hasNamedSiblings ? "SIBLINGS" : "FLY_APP_NAME"
            doubts.append("PORT 0 with \(variable): siblings listen on one port, so none is asked")
        }
        return doubts + journeyDoubts
    }
}
