internal import FoundationEssentials

/// The deployment under test: its site, and its known machines.
package struct Deployment: Sendable {
    package let site: Site
    /// The machines that have an id; in the order of the list if there is one.
    package let machines: [Machine]

    /// Each region's machines, in the order of the list.
    package var machinesByRegion: [String: [Machine]] {
        Dictionary(grouping: machines.filter { $0.region != nil }) { $0.region ?? "" }
    }

    /// The number of rooms created to find machines if none are listed.
    private static let soundings = 6

    /// Connects to the deployment, and finds out what the settings leave open.
    ///
    /// - Throws: one line, if the deployment does not answer or does not match the settings.
    package init(_ settings: LiveSettings, searchPath: String) async throws {
        let site = try Site(settings.site, authority: settings.authority)
        self.site = site
        let health = try await site.get("/health")
        guard health.status == 200 else { throw SettingsError("no relay answers; \(health)") }
        switch settings.machines {
        case .machines(let machines):
            self.machines = machines
        case .ids(let ids):
            machines = try await Deployment.ask(ids, at: site)
        case .flyApp(let app):
            let started = try await FlyTool(searchPath: searchPath)?.startedMachines(ofApp: app)
            if let started, !started.isEmpty {
                machines = started
            } else {
                machines = try await Deployment.discover(at: site)
            }
        case .discovery:
            machines = try await Deployment.discover(at: site)
        }
    }

    /// The machines with these ids; each is asked for its region.
    private static func ask(_ ids: [MachineID], at site: Site) async throws -> [Machine] {
        let machines = try await withThrowingTaskGroup(of: Machine.self) { group in
            for id in ids {
                group.addTask {
                    guard let machine = try await sound("/?instance=\(id)", at: site), machine.id == id else {
                        throw SettingsError("LIVE_INSTANCES names \(id), but a room pinned to it is created elsewhere")
                    }
                    return machine
                }
            }
            return try await group.reduce(into: [MachineID: Machine]()) { $0[$1.id] = $1 }
        }
        return ids.compactMap { machines[$0] }
    }

    /// The machines on which the load balancer lets rooms be created.
    private static func discover(at site: Site) async throws -> [Machine] {
        let found = try await withThrowingTaskGroup(of: Machine?.self) { group in
            for _ in 0..<soundings { group.addTask { try await sound("/", at: site) } }
            return try await group.reduce(into: Set<Machine>()) { if let machine = $1 { $0.insert(machine) } }
        }
        return found.sorted { $0.id.description < $1.id.description }
    }

    /// Creates a room, and leaves it; nil if its machine has no id.
    private static func sound(_ target: String, at site: Site) async throws -> Machine? {
        try await Visit.run(to: site) { visit in
            let created = try await visit.connect(target, as: "host").create().created
            return MachineID(created.instance).map { Machine(id: $0, region: created.homeRegion) }
        }
    }
}
