import RelayCore
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
        #expect(cluster.app == "party")
        #expect(cluster.region == Region(name: "fra"))
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
}
