internal import NIOCore
internal import RelayCore

/// The directory of the app's machines: which of them are siblings, and their addresses.
///
/// It asks the platform's DNS, and only on demand. Loop-bound.
final class PeerDirectory {
    private let configuration: ClusterConfiguration
    private let names: any NameLookup
    private let times: AnswerCacheTimes
    private let loop: any EventLoop
    private let telemetry: ClusterTelemetry
    private var addresses: [InstanceID: SharedQuery<SocketAddress>] = [:]
    private lazy var machines = makeMachinesQuery()

    init(
        _ configuration: ClusterConfiguration, names: any NameLookup, times: AnswerCacheTimes, on loop: any EventLoop,
        telemetry: ClusterTelemetry
    ) {
        self.configuration = configuration
        self.names = names
        self.times = times
        self.loop = loop
        self.telemetry = telemetry
    }

    /// Calls back with the siblings, or with nil if the DNS gives no answer.
    func siblings(for waiter: AnyObject, _ callback: @escaping ([InstanceID]?) -> Void) {
        machines.answer(for: waiter) { callback($0?.filter(\.isSibling).map(\.id)) }
    }

    /// Calls back with all other machines, siblings first, or with nil if the DNS gives no answer.
    func others(for waiter: AnyObject, _ callback: @escaping ([InstanceID]?) -> Void) {
        machines.answer(for: waiter) { machines in
            let (siblings, distant) = (machines?.filter(\.isSibling), machines?.filter { !$0.isSibling })
            callback(siblings.map { ($0 + (distant ?? [])).map(\.id) })
        }
    }

    /// Calls back with the address of a machine, or with nil if the DNS gives no answer.
    func address(of machine: InstanceID, for waiter: AnyObject, _ callback: @escaping (SocketAddress?) -> Void) {
        let query = addresses[machine] ?? makeAddressQuery(of: machine)
        addresses[machine] = query
        query.answer(for: waiter) { callback($0?.first) }
    }

    /// Drops a waiter for this address; it is not called back.
    func forget(_ waiter: AnyObject, waitingFor machine: InstanceID) {
        addresses[machine]?.forget(waiter)
    }

    /// Drops a waiter for any of these addresses, and for the list of machines.
    func forget(_ waiter: AnyObject, waitingFor machines: some Sequence<InstanceID>) {
        self.machines.forget(waiter)
        for machine in machines { addresses[machine]?.forget(waiter) }
    }

    /// Ends all queries. Await the returned tasks before the loop ends.
    func stop() -> [Task<Void, Never>] {
        [machines.stop()].compactMap(\.self) + addresses.values.compactMap { $0.stop() }
    }

    private func makeMachinesQuery() -> SharedQuery<MachineList.Machine> {
        let name = "vms.\(configuration.app).internal"
        let (names, region, own) = (names, configuration.region, configuration.instance)
        let isDoubtful = { (machines: [MachineList.Machine]) in !machines.contains(where: \.isSibling) }
        return SharedQuery(on: loop, times: times, isDoubtful: isDoubtful) { deadline in
            let list = MachineList(
                records: try await names.txt(name, deadline: deadline), region: region, own: own)
            guard list.namesMachines else { throw EmptyAnswer() }
            return list.others
        } onEnd: { [telemetry, weak self] result in
            telemetry.queryEnded(name, result, as: .machineList)
            guard case .success(let machines) = result else { return }
            telemetry.siblingsListed(machines.count(where: \.isSibling))
            self?.forgetAddresses(except: Set(machines.map(\.id)))
        }
    }

    private func makeAddressQuery(of machine: InstanceID) -> SharedQuery<SocketAddress> {
        let name = "\(machine).vm.\(configuration.app).internal"
        let (names, port) = (names, configuration.port)
        return SharedQuery(on: loop, times: times) { deadline in
            let addresses = try await names.addresses(of: name, port: port, deadline: deadline)
            guard !addresses.isEmpty else { throw EmptyAnswer() }
            return addresses
        } onEnd: { [telemetry] result in
            telemetry.queryEnded(name, result, as: .address)
        }
    }

    /// Drops the addresses of machines that no longer exist.
    private func forgetAddresses(except machines: Set<InstanceID>) {
        addresses = addresses.filter { machines.contains($0.key) || $0.value.isAsking }
    }
}

/// The error for a DNS answer without content.
struct EmptyAnswer: Error, CustomStringConvertible {
    let description = "the answer is empty"
}
