import RelayCore
import Testing

@testable import RelayCluster

@Suite("Configuration of the cluster")
struct ClusterConfigurationTests {
    @Test("a cluster uses the name servers of resolv.conf unless told otherwise")
    func nameServers() throws {
        let region = try #require(Region(name: "iad"))
        let configuration = ClusterConfiguration(app: "a", region: region, instance: nil, port: 1, nameServers: nil)
        #expect(configuration.nameServers == nil)
    }
}
