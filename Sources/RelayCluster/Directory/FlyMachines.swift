internal import NIOCore
internal import RelayCore

/// The machines that the platform's DNS lists by the app's name, each with a name of its own.
final class FlyMachines: MachineSource {
    let name: String
    let listsAllRegions = true
    private let app: String
    private let region: Region
    private let own: InstanceID?
    private let port: Int
    private let names: any NameLookup

    init(of app: String, region: Region, own: InstanceID?, port: Int, names: any NameLookup) {
        self.app = app
        self.region = region
        self.own = own
        self.port = port
        self.names = names
        name = "vms.\(app).internal"
    }

    var list: SharedQuery<MachineList>.Question {
        { [names, name, region, own] deadline in
            let records = MachineRecords(try await names.txt(name, deadline: deadline), region: region, own: own)
            guard records.namesMachines else { throw EmptyAnswer() }
            return records.list
        }
    }

    func addresses(of machine: InstanceID) -> (name: String, question: SharedQuery<[SocketAddress]>.Question)? {
        let name = "\(machine).vm.\(app).internal"
        return (
            name,
            { [names, port] deadline in
                let addresses = try await names.addresses(of: name, port: port, deadline: deadline)
                guard !addresses.isEmpty else { throw EmptyAnswer() }
                return addresses
            }
        )
    }

    /// The platform gives each machine an address for its life: the next answer will do.
    func distrust(_ machine: InstanceID) {}
}
