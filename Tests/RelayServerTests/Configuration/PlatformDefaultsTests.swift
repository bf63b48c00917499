import RelayCore
import RelayEngine
import RelayServer
import RelayWire
import Testing

@Suite("Defaults that follow the platform")
struct PlatformDefaultsTests {
    private static let secret = String(repeating: "s", count: 32)
    private static let fly = ["FLY_APP_NAME": "party", "FLY_MACHINE_ID": "91858d2a", "FLY_REGION": "fra"]

    @Test("on Fly the app's name enables routing, the hosted dashboard and the header with the client's address")
    func onFly() throws {
        let configuration = try Environment.configuration(PlatformDefaultsTests.fly)
        #expect(configuration.engine.identity.isRoutingOn)
        #expect(configuration.engine.identity.instance == InstanceID("91858d2a"))
        #expect(configuration.engine.identity.region == Region(name: "fra"))
        #expect(configuration.engine.regionLabel == "fra")
        #expect(configuration.dashboardURL == "https://fly-metrics.net/d/fly-app/fly-app?var-app=party")
        #expect(configuration.engine.clientIPHeader?.description == "fly-client-ip")
    }

    @Test("explicit variables take precedence over Fly's")
    func overridesFly() throws {
        let own = [
            "INSTANCE_ID": "one", "REGION": "home", "DASHBOARD_URL": "https://d.example",
            "CLIENT_IP_HEADER": "X-Client",
        ]
        let configuration = try Environment.configuration(PlatformDefaultsTests.fly.merging(own) { $1 })
        #expect(configuration.engine.identity.instance == InstanceID("one"))
        #expect(configuration.engine.regionLabel == "home")
        #expect(configuration.engine.identity.region == Region(name: "fra"))
        #expect(configuration.dashboardURL == "https://d.example")
        #expect(configuration.engine.clientIPHeader?.description == "x-client")
    }

    @Test(
        "the demo is there, but on Fly only where it is asked for",
        arguments: [
            ([:], true), (["DEMO": "on"], true), (["DEMO": "off"], false), (fly, false), (["FLY_APP_NAME": ""], true),
            (fly.merging(["DEMO": "on"]) { $1 }, true), (fly.merging(["DEMO": ""]) { $1 }, false),
            (["FLY_REGION": "fra", "FLY_MACHINE_ID": "m"], true), (["SIBLINGS": "dns:relay"], true),
        ])
    func servesDemo(variables: [String: String], isServed: Bool) throws {
        #expect(try Environment.configuration(variables).engine.servesDemo == isServed)
    }

    @Test("an empty dashboard variable means no dashboard, even on Fly")
    func hasNoDashboard() throws {
        let variables = PlatformDefaultsTests.fly.merging(["DASHBOARD_URL": ""]) { $1 }
        #expect(try Environment.configuration(variables).dashboardURL == nil)
    }

    @Test(
        "sockets of one peer are bounded only where the peer is the client, at twice its WebSockets or a little more",
        arguments: [
            ([:], 2_000), (["MAX_CONNECTIONS_PER_ADDRESS": "10"], 74), (["MAX_CONNECTIONS_PER_ADDRESS": "0"], 0),
            (["CLIENT_IP_HEADER": "X-Real-IP"], 0), (fly, 0),
        ])
    func boundsPeers(variables: [String: String], sockets: Int) throws {
        #expect(try Environment.configuration(variables).engine.maxSocketsPerPeer == sockets)
    }

    @Test("codes carry a region only if FLY_REGION is a known one; it is a label in any case")
    func knowsRegions() throws {
        let unknown = try Environment.configuration(["FLY_REGION": "xyz"])
        #expect(unknown.engine.identity.region == nil)
        #expect(unknown.engine.regionLabel == "xyz")
        let label = try Environment.configuration(["REGION": "fra"])
        #expect(label.engine.identity.region == nil)
        #expect(label.engine.regionLabel == "fra")
        #expect(!label.engine.identity.isRoutingOn)
    }

    @Test(
        "the default of connections is what the open files allow, up to 20,000",
        arguments: [(1, 1), (1_024, 925), (21_000, 19_902), (65_536, 20_000), (Int(Int32.max), 20_000)])
    func followsOpenFiles(openFiles: Int, connections: Int) throws {
        let machine = MachineLimits(processors: 1, openFiles: openFiles)
        let configuration = try Environment.configuration([:], on: machine)
        #expect(configuration.engine.maxConnections == connections)
    }

    @Test(
        "a configured number of connections is bounded by the open files too, and a disabled limit stays disabled",
        arguments: [("50000", 925), ("926", 925), ("925", 925), ("10", 10), ("0", 0)])
    func lowersConnections(text: String, connections: Int) throws {
        let machine = MachineLimits(processors: 1, openFiles: 1_024)
        let configuration = try Environment.configuration(["MAX_CONNECTIONS": text], on: machine)
        #expect(configuration.engine.maxConnections == connections)
        #expect(configuration.engine.transport.maxSockets == 973)
    }

    @Test("each configured loop takes its share of the open files")
    func countsLoops() throws {
        let machine = MachineLimits(processors: 1, openFiles: 1_024)
        let configuration = try Environment.configuration(["RELAY_THREADS": "256"], on: machine)
        #expect(configuration.engine.maxConnections == 192)
    }

    @Test(
        "a valid but suspicious value is reported in a line that names the variable",
        arguments: [
            (["MAX_CONNECTIONS": "50000"], "MAX_CONNECTIONS"), (["FLY_REGION": "xyz"], "FLY_REGION"),
            (["FLY_APP_NAME": "party", "INSTANCE_ID": "m-1", "PORT": "0"], "PORT"),
            (["FLY_APP_NAME": "party", "INSTANCE_ID": "m-1"], nil), (["FLY_APP_NAME": "party"], "INSTANCE_ID"),
            (["FLY_APP_NAME": "party", "INSTANCE_ID": "m-1", "FLY_MACHINE_ID": "m-2"], "INSTANCE_ID"),
            (["FLY_APP_NAME": "party", "INSTANCE_ID": "m-1", "FLY_MACHINE_ID": "m-1"], nil),
            (["INSTANCE_ID": "m-1", "FLY_MACHINE_ID": "m-2"], nil),
            (["SIBLINGS": "dns:relay"], "INSTANCE_ID is not set, but SIBLINGS is"),
            (["SIBLINGS": "dns:relay", "INSTANCE_ID": "m-1", "PORT": "0"], "PORT 0 with SIBLINGS"),
            (["MAX_CONNECTIONS": "925", "FLY_REGION": "fra"], nil),
            (["MAX_BUFFERED_BYTES": "134217729"], "MAX_BUFFERED_"),
            (["DRAIN_SECONDS": "10", "DRAIN_DELAY_SECONDS": "11"], "DRAIN_DELAY_SECONDS"),
            (["DRAIN_SECONDS": "10", "DRAIN_DELAY_SECONDS": "10"], nil),
            (["DRAIN_SECONDS": "0", "DRAIN_DELAY_SECONDS": "10"], nil),
            (["CLUSTER_SECRET": secret], "CLUSTER_SECRET"),
            (["CLUSTER_SECRET": secret, "FLY_APP_NAME": "party", "INSTANCE_ID": "m-1", "FLY_REGION": "ams"], nil),
            (["ROOMS_FILE": "party-sockets.rooms", "EMPTY_GRACE_SECONDS": "0"], "ROOMS_FILE"),
            (["ROOMS_FILE": "party-sockets.rooms"], nil), (["MAX_BUFFERED_BYTES": "134217728"], nil),
            (["MAX_BUFFERED_BYTES": "0"], nil),
        ])
    func doubts(variables: [String: String], named: String?) throws {
        let machine = MachineLimits(processors: 1, openFiles: 1_024, memory: 256 << 20)
        let variables = ["MAX_CONNECTIONS": "700"].merging(variables) { $1 }
        let doubts = try Environment.configuration(variables, on: machine).doubts(on: machine)
        #expect(doubts.count == (named == nil ? 0 : 1))
        #expect(doubts.first?.hasPrefix(named ?? "") ?? true)
    }

    @Test(
        "a MAX_CONNECTIONS that was set is reported if the open files allow less; the default is not",
        arguments: [(nil, 1_024, 0), ("", 1_024, 0), ("20000", 1_024, 1), ("20000", 65_536, 0), (nil, 65_536, 0)]
            as [(String?, Int, Int)])
    func doubtsConnections(text: String?, openFiles: Int, count: Int) throws {
        let machine = MachineLimits(processors: 1, openFiles: openFiles)
        let variables = text.map { ["MAX_CONNECTIONS": $0] } ?? [:]
        let configuration = try Environment.configuration(variables, on: machine)
        let expected = "MAX_CONNECTIONS is 925 and not 20000: the limit of 1024 open files allows no more"
        #expect(configuration.doubts(on: machine) == Array(repeating: expected, count: count))
        #expect(configuration.engine.maxConnections == (openFiles < 20_000 ? 925 : 20_000))
    }

    @Test(
        "the default of loops is the number of processors, up to 256",
        arguments: [(1, 1), (16, 16), (256, 256), (384, 256)])
    func followsProcessors(processors: Int, loops: Int) throws {
        let machine = MachineLimits(processors: processors, openFiles: 1_024)
        #expect(try Environment.configuration([:], on: machine).engine.loops == loops)
    }
}
