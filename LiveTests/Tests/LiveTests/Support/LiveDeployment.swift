import FoundationEssentials
import LiveClient
import PartySocketsClient

/// The deployment that the environment names, examined once for all tests.
enum LiveDeployment {
    private static let environment = ProcessInfo.processInfo.environment

    static let isNamed = environment["LIVE_URL"].map { !$0.isEmpty } ?? false

    /// What the environment lends to disturb it.
    static let operatorCommands = OperatorCommands(environment)

    /// Every test and every condition waits for this one task.
    private static let finding = Task {
        guard let settings = try LiveSettings(environment) else { throw SettingsError("LIVE_URL is unset") }
        return try await Deployment(settings, searchPath: environment["PATH"] ?? "")
    }

    static var current: Deployment {
        get async throws { try await finding.value }
    }

    /// True if a request can choose the machine where it lands, and be replayed from there.
    ///
    /// A proxy may not know the header, or obey it even if the relay replays the request.
    static var letsRequestsChoose: Bool {
        get async throws {
            let deployment = try await current
            guard deployment.machines.count > 1 else { return false }
            let (here, there) = (deployment.machines[0], deployment.machines[1])
            return try await Visit.run(to: deployment.site) { visit in
                let landed = try await visit.get("/room/1", headers: there.asLanding)
                let pinned = try await visit.get("/room/1?instance=\(here.id)", headers: there.asLanding)
                return landed.instance == there.id.description && pinned.instance == here.id.description
            }
        }
    }

    /// True if the relay knows the protocol's additions.
    static var hasAdditions: Bool {
        get async throws {
            try await Visit.run(to: current.site) { try await $0.host().room.hasAdditions }
        }
    }

    static func has(_ claim: (Deployment) -> Bool) async -> Bool {
        guard let deployment = try? await current else { return false }
        return claim(deployment)
    }
}
