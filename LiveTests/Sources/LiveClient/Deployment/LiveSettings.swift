/// The settings of the deployment from the environment.
package struct LiveSettings: Hashable, Sendable {
    package let site: SiteURL
    /// `LIVE_CA`: the PEM file of the authorities to trust; nil trusts the system's.
    package let authority: String?
    package let machines: Source

    /// The source of the list of machines.
    package enum Source: Hashable, Sendable {
        /// `LIVE_INSTANCES`: each machine is asked for its region.
        case ids([MachineID])
        /// `LIVE_MACHINES`.
        case machines([Machine])
        /// The platform's tool, if it is installed, for this app.
        case flyApp(String)
        /// The machines that answer.
        case discovery
    }

    /// Reads the environment; an empty variable counts as not set.
    ///
    /// - Returns: nil without `LIVE_URL`.
    package init?(_ environment: [String: String]) throws(SettingsError) {
        let variables = environment.filter { !$0.value.isEmpty }
        guard let url = variables["LIVE_URL"] else { return nil }
        site = try SiteURL(url)
        authority = variables["LIVE_CA"]
        // SwiftPM runs tests in the package's folder, wherever it was called itself.
        if let authority, !authority.hasPrefix("/") { throw SettingsError("LIVE_CA is no absolute path: \(authority)") }
        switch (variables["LIVE_INSTANCES"], variables["LIVE_MACHINES"]) {
        case (.some, .some): throw SettingsError("LIVE_INSTANCES and LIVE_MACHINES are both set; unset one of them")
        case (let ids?, nil): machines = .ids(try MachineList.ids(ids))
        case (nil, let list?): machines = .machines(try MachineList.machines(list))
        case (nil, nil):
            machines = try LiveSettings.app(variables["LIVE_APP"], at: site).map(Source.flyApp) ?? .discovery
        }
    }

    /// The configured app, or the one that a `*.fly.dev` host names.
    private static func app(_ name: String?, at site: SiteURL) throws(SettingsError) -> String? {
        if let name {
            // It becomes an argument of a program, so it must not look like an option.
            guard MachineID(name) != nil, !name.hasPrefix("-") else {
                throw SettingsError("LIVE_APP is no name of an app: \(name)")
            }
            return name
        }
        let labels = site.host.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count == 3, labels[1...] == ["fly", "dev"], MachineID(labels[0]) != nil else { return nil }
        return labels[0].hasPrefix("-") ? nil : String(labels[0])
    }
}
