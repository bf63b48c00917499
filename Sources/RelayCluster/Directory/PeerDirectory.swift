internal import NIOCore
internal import RelayCore

/// Which machines are our siblings, and where each of them is.
///
/// Both are asked of the platform's DNS, and only when a room is looked for. Loop-bound.
final class PeerDirectory {
    private let configuration: ClusterConfiguration
    private let names: any NameLookup
    private let times: AnswerCacheTimes
    private let loop: any EventLoop
    private let journal: ClusterJournal
    private var addresses: [InstanceID: SharedQuery<SocketAddress>] = [:]
    private lazy var machines = makeMachinesQuery()

    init(
        _ configuration: ClusterConfiguration, names: any NameLookup, times: AnswerCacheTimes, on loop: any EventLoop,
        journal: ClusterJournal
    ) {
        self.configuration = configuration
        self.names = names
        self.times = times
        self.loop = loop
        self.journal = journal
    }

    /// Calls back with the siblings, or with nil if the DNS does not tell.
    func siblings(for waiter: AnyObject, _ callback: @escaping ([InstanceID]?) -> Void) {
        machines.answer(for: waiter, callback)
    }

    /// Calls back with the address of a sibling, or with nil if the DNS does not tell.
    func address(of sibling: InstanceID, for waiter: AnyObject, _ callback: @escaping (SocketAddress?) -> Void) {
        let query = addresses[sibling] ?? makeAddressQuery(of: sibling)
        addresses[sibling] = query
        query.answer(for: waiter) { callback($0?.first) }
    }

    /// The waiter no longer waits for any of these addresses, nor for the siblings.
    func forget(_ waiter: AnyObject, waitingFor siblings: some Sequence<InstanceID>) {
        machines.forget(waiter)
        for sibling in siblings { addresses[sibling]?.forget(waiter) }
    }

    /// Ends all queries. What is given back is to be awaited before the loop ends.
    func stop() -> [Task<Void, Never>] {
        [machines.stop()].compactMap(\.self) + addresses.values.compactMap { $0.stop() }
    }

    private func makeMachinesQuery() -> SharedQuery<InstanceID> {
        let name = "vms.\(configuration.app).internal"
        let (names, region, own) = (names, configuration.region, configuration.instance)
        return SharedQuery(on: loop, times: times) { deadline in
            let list = MachineList(
                records: try await names.txt(name, deadline: deadline), region: region, own: own)
            guard list.namesMachines else { throw EmptyAnswer() }
            return list.siblings
        } onEnd: { [journal, weak self] result in
            journal.queryEnded(name, result, as: .machineList)
            guard case .success(let siblings) = result else { return }
            journal.siblingsListed(siblings.count)
            self?.forgetAddresses(except: Set(siblings))
        }
    }

    private func makeAddressQuery(of sibling: InstanceID) -> SharedQuery<SocketAddress> {
        let name = "\(sibling).vm.\(configuration.app).internal"
        let (names, port) = (names, configuration.port)
        return SharedQuery(on: loop, times: times) { deadline in
            let addresses = try await names.addresses(of: name, port: port, deadline: deadline)
            guard !addresses.isEmpty else { throw EmptyAnswer() }
            return addresses
        } onEnd: { [journal] result in
            journal.queryEnded(name, result, as: .address)
        }
    }

    /// Machines come and go; the table holds those that are here.
    private func forgetAddresses(except siblings: Set<InstanceID>) {
        addresses = addresses.filter { siblings.contains($0.key) || $0.value.isAsking }
    }
}

/// The DNS has answered and said nothing.
struct EmptyAnswer: Error, CustomStringConvertible {
    let description = "the answer is empty"
}
