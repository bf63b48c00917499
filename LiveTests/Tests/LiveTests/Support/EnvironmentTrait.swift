import LiveClient
import Testing

/// Runs the tests against the deployment that the environment names.
///
/// If none is named, or it cannot be tested, one line says so for all tests, and the run fails: nothing has been tested.
struct EnvironmentTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard LiveDeployment.isNamed else {
            throw SettingsError("LIVE_URL is unset; name a deployment, like LIVE_URL=https://my-app.fly.dev")
        }
        let deployment = try await LiveDeployment.current
        let machines = deployment.machines.map(\.description).joined(separator: ", ")
        print("\(deployment.site.url): \(machines.isEmpty ? "no machine with an id" : machines)")
        try await function()
    }
}

extension SuiteTrait where Self == EnvironmentTrait {
    static var ofEnvironment: Self { EnvironmentTrait() }
}
