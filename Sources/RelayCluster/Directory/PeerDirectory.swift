internal import NIOCore
internal import RelayCore

/// Which machines there are, which of them are our siblings, and where each of them is.
///
/// Both are asked of the platform's DNS, and only when somebody needs it. Loop-bound.
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

    /// Calls back with the siblings, or with nil if the DNS does not tell.
    func siblings(for waiter: AnyObject, _ callback: @escaping ([InstanceID]?) -> Void) {
        machines.answer(for: waiter) { callback($0?.filter(\.isSibling).map(\.id)) }
    }

    /// Calls back with all other machines, our siblings first, or with nil if the DNS does not tell.
    func others(for waiter: AnyObject, _ callback: @escaping ([InstanceID]?) -> Void) {
        machines.answer(for: waiter) { machines in
            let (siblings, distant) = (machines?.filter(\.isSibling), machines?.filter { !$0.isSibling })
            callback(siblings.map { ($0 + (distant ?? [])).map(\.id) })
        }
    }

    /// Calls back with the address of a machine, or with nil if the DNS does not tell.
    func address(of machine: InstanceID, for waiter: AnyObject, _ callback: @escaping (SocketAddress?) -> Void) {
        let query = addresses[machine] ?? makeAddressQuery(of: machine)
        addresses[machine] = query
        query.answer(for: waiter) { callback($0?.first) }
    }

    /// The waiter no longer waits for this address.
    func forget(_ waiter: AnyObject, waitingFor machine: InstanceID) {
        addresses[machine]?.forget(waiter)
    }

    /// The waiter no longer waits for any of these addresses, nor for the machines.
    func forget(_ waiter: AnyObject, waitingFor machines: some Sequence<InstanceID>) {
        self.machines.forget(waiter)
        for machine in machines { addresses[machine]?.forget(waiter) }
    }

    /// Ends all queries. What is given back is to be awaited before the loop ends.
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

    /// Machines come and go; the table holds those that are here.
    private func forgetAddresses(except machines: Set<InstanceID>) {
        addresses = addresses.filter { machines.contains($0.key) || $0.value.isAsking }
    }
}

/// The DNS has answered and said nothing.
struct EmptyAnswer: Error, CustomStringConvertible {
    let description = "the answer is empty"
}
