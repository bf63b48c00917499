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

    static var needsAdditions: Self {
        .enabled("needs a relay that knows what clients ask for with \"v\":3") {
            (try? await LiveDeployment.hasAdditions) ?? false
        }
    }

    static var needsReplacement: Self {
        .enabled("needs LIVE_REPLACE, a command that drains a machine and starts it again") {
            LiveDeployment.operatorCommands.replace != nil
        }
    }

    static var needsFreezing: Self {
        .enabled("needs LIVE_FREEZE, a command that stops a machine for some seconds") {
            LiveDeployment.operatorCommands.freeze != nil
        }
    }
}
