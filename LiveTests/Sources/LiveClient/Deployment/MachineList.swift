internal import FoundationEssentials

/// The three formats of a list of machines.
///
/// A list with any invalid part is refused: a machine left out would skip tests that should run.
package enum MachineList {
    /// Reads `LIVE_INSTANCES`: `id1,id2`.
    package static func ids(_ text: String) throws(SettingsError) -> [MachineID] {
        var ids: [MachineID] = []
        for element in elements(of: text) {
            guard let id = MachineID(element) else {
                throw SettingsError("LIVE_INSTANCES is no list like id1,id2: “\(element)” is no machine id")
            }
            guard !ids.contains(id) else { throw SettingsError("LIVE_INSTANCES names \(id) twice") }
            ids.append(id)
        }
        return ids
    }

    /// Reads `LIVE_MACHINES`: `id:region,id:region`.
    package static func machines(_ text: String) throws(SettingsError) -> [Machine] {
        var machines: [Machine] = []
        for element in elements(of: text) {
            let parts = element.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let id = MachineID(parts[0]), MachineID(parts[1]) != nil else {
                throw SettingsError("LIVE_MACHINES is no list like id:region,id:region: “\(element)” is no machine")
            }
            guard !machines.contains(where: { $0.id == id }) else {
                throw SettingsError("LIVE_MACHINES names \(id) twice")
            }
            machines.append(Machine(id: id, region: parts[1].lowercased()))
        }
        return machines
    }

    /// Reads the output of `fly machines list --json`, and returns the machines that run.
    package static func started(json: [UInt8]) throws(SettingsError) -> [Machine] {
        let listed: [FlyMachine]
        do {
            listed = try JSONDecoder().decode([FlyMachine].self, from: Data(json))
        } catch {
            throw SettingsError("fly machines list --json printed no list of machines with id, region and state")
        }
        var machines: [Machine] = []
        for machine in listed where machine.state == "started" {
            guard let id = MachineID(machine.id) else {
                throw SettingsError("fly machines list --json names a machine “\(machine.id)”, which is no machine id")
            }
            machines.append(Machine(id: id, region: machine.region.lowercased()))
        }
        return machines
    }

    private static func elements(of text: String) -> [Substring] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { element in
            let start = element.drop { $0.isWhitespace }
            return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
        }
    }

    /// The fields of an object in the tool's list that the tests need.
    private struct FlyMachine: Decodable {
        let id: String
        let region: String
        let state: String
    }
}
