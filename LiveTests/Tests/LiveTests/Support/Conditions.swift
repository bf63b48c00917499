import LiveClient
import Testing

// A test that needs more machines than are known is skipped, with the reason; README.md says how machines become known.
extension Trait where Self == ConditionTrait {
    static var needsMachine: Self {
        .enabled("needs a machine with an id; none is known") {
            await LiveDeployment.has { !$0.machines.isEmpty }
        }
    }

    static var needsTwoMachines: Self {
        .enabled("needs two machines; set LIVE_INSTANCES or LIVE_MACHINES if there are") {
            await LiveDeployment.has { $0.machines.count > 1 }
        }
    }

    static var needsTwoMachinesOfOneRegion: Self {
        .enabled("needs two machines of one region; set LIVE_INSTANCES or LIVE_MACHINES if there are") {
            await LiveDeployment.has { $0.machinesByRegion.values.contains { $0.count > 1 } }
        }
    }

    static var needsChoiceOfLanding: Self {
        .enabled("needs a proxy that lands where fly-force-instance-id says, and replays from there") {
            (try? await LiveDeployment.letsRequestsChoose) ?? false
        }
    }

    static var needsTwoRegions: Self {
        .enabled("needs two regions; set LIVE_INSTANCES or LIVE_MACHINES if there are") {
            await LiveDeployment.has { $0.machinesByRegion.count > 1 }
        }
    }
}
