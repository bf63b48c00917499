import LiveClient
import Testing

/// A deployment of the relay, met from outside: whatever proxy, machines and regions it is made of.
@Suite(
    "A live deployment",
    .enabled(if: LiveDeployment.isNamed, "LIVE_URL is unset: name a deployment, like LIVE_URL=https://my-app.fly.dev"),
    .timeLimit(.minutes(3)))
struct LiveTests {
    @Test("the settings can be used, and a relay answers")
    func reachable() async throws {
        let deployment = try await LiveDeployment.current
        let machines = deployment.machines.map(\.description).joined(separator: ", ")
        print("\(deployment.site.url): \(machines.isEmpty ? "no machine has an id" : machines)")
    }
}
