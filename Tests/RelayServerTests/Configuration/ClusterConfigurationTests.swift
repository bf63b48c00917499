import RelayCore
import RelayEngine
import RelayWire
import Testing

@testable import RelayServer

@Suite("Configuration of the search for siblings")
struct ClusterConfigurationTests {
    private static let machine = [
        "FLY_APP_NAME": "party", "FLY_REGION": "fra", "FLY_MACHINE_ID": "91858d2a", "PORT": "8080",
    ]

    @Test("siblings are asked in a cluster whose region is known to codes")
    func inCluster() throws {
        let cluster = try #require(try Environment.configuration(Self.machine).cluster)
        #expect(cluster.siblings == .fly(app: "party", region: try #require(Region(name: "fra"))))
        #expect(cluster.instance == InstanceID("91858d2a"))
        #expect(cluster.port == 8_080)
        #expect(cluster.nameServers == nil)
    }

    @Test(
        "nobody is asked without an app, without a known region, or with an unknown port",
        arguments: [("FLY_APP_NAME", ""), ("FLY_REGION", ""), ("FLY_REGION", "xyz"), ("PORT", "0")])
    func alone(variable: String, value: String) throws {
        let configuration = try Environment.configuration(Self.machine.merging([variable: value]) { $1 })
        #expect(configuration.cluster == nil)
    }

    @Test(
        "name servers are addresses, with a port or without",
        arguments: [
            ("10.0.0.1", ["10.0.0.1 53"]), ("10.0.0.1:5353", ["10.0.0.1 5353"]), ("fdaa::3", ["fdaa::3 53"]),
            ("[fdaa::3]", ["fdaa::3 53"]), ("[fdaa::3]:54", ["fdaa::3 54"]),
            ("127.0.0.1:1, [::1]:65535", ["127.0.0.1 1", "::1 65535"]),
        ])
    func nameServers(text: String, servers: [String]) throws {
        let configuration = try Environment.configuration(Self.machine.merging(["DNS_SERVERS": text]) { $1 })
        #expect(configuration.cluster?.nameServers?.map { "\($0.address) \($0.port)" } == servers)
    }

    @Test("siblings are those of the platform where SIBLINGS says so, as without it")
    func onFly() throws {
        let explicit = try Environment.configuration(Self.machine.merging(["SIBLINGS": "fly"]) { $1 })
        #expect(explicit.cluster == (try Environment.configuration(Self.machine).cluster))
    }

    @Test(
        "SIBLINGS with a name turns routing on, and the siblings listen on its port or else on our own",
        arguments: [
            ("dns:relay", "relay", 3_000), ("dns:relay:81", "relay", 81),
            ("dns:relay.default.svc.cluster.local", "relay.default.svc.cluster.local", 3_000),
            ("dns:_a.b-1.:65535", "_a.b-1.", 65_535),
        ])
    func named(text: String, name: String, port: Int) throws {
        let configuration = try Environment.configuration(["SIBLINGS": text, "INSTANCE_ID": "relay-0"])
        let cluster = try #require(configuration.cluster)
        #expect(cluster.siblings == .dns(name: name, region: nil))
        #expect(cluster.port == port && cluster.instance == InstanceID("relay-0") && cluster.nameServers == nil)
        #expect(configuration.engine.identity.isRoutingOn && configuration.engine.identity.isOneRegion)
        #expect(configuration.engine.clientIPHeader == nil && configuration.dashboardURL == nil)
        #expect(configuration.doubts(on: Environment.machine).isEmpty)
    }

    @Test(
        "siblings by a name are one region unless FLY_REGION is a known one, on whatever platform",
        arguments: [("fra", false), ("xyz", true), ("", true)])
    func regions(region: String, isOneRegion: Bool) throws {
        let variables = Self.machine.merging(["SIBLINGS": "dns:relay", "FLY_REGION": region]) { $1 }
        let configuration = try Environment.configuration(variables)
        #expect(configuration.engine.identity.isOneRegion == isOneRegion)
        #expect(configuration.cluster?.siblings == .dns(name: "relay", region: Region(name: region)))
        #expect(configuration.cluster?.port == 8_080)
    }

    @Test("on a free port siblings are asked only if their port is known")
    func freePort() throws {
        let variables = ["PORT": "0", "INSTANCE_ID": "a", "SIBLINGS": "dns:relay"]
        #expect(try Environment.configuration(variables).cluster == nil)
        let known = try Environment.configuration(variables.merging(["SIBLINGS": "dns:relay:81"]) { $1 })
        #expect(known.cluster?.port == 81)
        #expect(known.doubts(on: Environment.machine).isEmpty)
    }
}
