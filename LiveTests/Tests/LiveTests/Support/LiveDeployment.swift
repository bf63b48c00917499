import FoundationEssentials
import LiveClient

/// The deployment that the environment names, found out about once for all tests.
enum LiveDeployment {
    private static let environment = ProcessInfo.processInfo.environment

    static let isNamed = environment["LIVE_URL"].map { !$0.isEmpty } ?? false

    /// Every test and every condition waits for this one task.
    private static let finding = Task {
        guard let settings = try LiveSettings(environment) else { throw SettingsError("LIVE_URL is unset") }
        return try await Deployment(settings, searchPath: environment["PATH"] ?? "")
    }

    static var current: Deployment {
        get async throws { try await finding.value }
    }

    static var isUsable: Bool {
        get async { await has { _ in true } }
    }

    static func has(_ claim: (Deployment) -> Bool) async -> Bool {
        guard let deployment = try? await current else { return false }
        return claim(deployment)
    }
}
