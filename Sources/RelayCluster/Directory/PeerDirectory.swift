internal import NIOCore
internal import RelayCore

/// The directory of the cluster's machines: which of them are siblings, and their addresses.
///
/// It asks the DNS at the start, and then only on demand. Loop-bound, but for the board.
final class PeerDirectory {
    /// The machines as other threads see them.
    let board: MachineBoard
    private let source: any MachineSource
    private let times: AnswerCacheTimes
    private let loop: any EventLoop
    private let telemetry: ClusterTelemetry
    private var addresses: [InstanceID: SharedQuery<[SocketAddress]>] = [:]
    private var known: KnownMachines
    private lazy var machines = makeMachinesQuery()

    init(
        _ configuration: ClusterConfiguration, names: any NameLookup, times: AnswerCacheTimes, on loop: any EventLoop,
        telemetry: ClusterTelemetry
    ) {
        source = configuration.source(names: names, on: loop, telemetry: telemetry)
        self.times = times
        self.loop = loop
        self.telemetry = telemetry
        board = MachineBoard(own: configuration.instance, times: times)
        known = KnownMachines(memory: times.missing)
    }

    /// Asks for the list if it has become old, or for the first time.
    func refresh() {
        machines.refresh()
    }

    /// Calls back with the siblings, those of the latest list first, or with nil if the DNS gives no answer.
    ///
    /// Some may have been named by an earlier list only; `isListed` tells.
    func siblings(
        for waiter: AnyObject, freshness: Freshness = .usual, _ callback: @escaping ([InstanceID]?) -> Void
    ) {
        machines.answer(for: waiter, freshness) { [unowned self] list in
            callback(list == nil ? nil : known.siblings(now: .now()))
        }
    }

    /// Calls back with all other machines, siblings first, or with nil if the DNS gives no answer.
    func others(for waiter: AnyObject, _ callback: @escaping ([InstanceID]?) -> Void) {
        machines.answer(for: waiter) { [unowned self] list in
            callback(list == nil ? nil : known.others(now: .now()))
        }
    }

    /// True if the latest list names the machine, which is more than that an earlier one did.
    func isListed(_ machine: InstanceID) -> Bool { known.isListed(machine) }

    /// False if there are siblings whose names nobody knows: without them, no room is known to be nowhere.
    var knowsAllSiblings: Bool { known.hasAllSiblings }

    /// Calls back with all addresses of a machine, IPv6 first, or with nil if the DNS gives no answer. There is at least
    /// one.
    func addresses(
        of machine: InstanceID, for waiter: AnyObject, freshness: Freshness = .usual,
        _ callback: @escaping ([SocketAddress]?) -> Void
    ) {
        if let query = addresses[machine] { return query.answer(for: waiter, freshness, callback) }
        guard let named = source.addresses(of: machine) else {
            return machines.answer(for: waiter, about: machine, freshness) { [unowned self] _ in
                let addresses = known.addresses(of: machine)
                callback(addresses.isEmpty ? nil : addresses)
            }
        }
        let query = makeAddressQuery(named.name, named.question)
        addresses[machine] = query
        query.answer(for: waiter, freshness, callback)
    }

    /// Notes that another machine has answered at an address of this one: its addresses are asked for anew.
    func distrust(_ machine: InstanceID) {
        source.distrust(machine)
        if let query = addresses[machine] { query.refresh(.beforeFinalNo) } else { machines.refresh(.beforeFinalNo) }
    }

    /// Drops a waiter for this address; it is not called back.
    func forget(_ waiter: AnyObject, waitingFor machine: InstanceID) {
        addresses[machine]?.forget(waiter)
        machines.forget(waiter, about: machine)
    }

    /// Drops a waiter for any of these addresses, and for the list of machines.
    func forget(_ waiter: AnyObject, waitingFor machines: some Sequence<InstanceID>) {
        self.machines.forget(waiter)
        for machine in machines { forget(waiter, waitingFor: machine) }
    }

    /// Ends all queries. Await the returned tasks before the loop ends.
    func stop() -> [Task<Void, Never>] {
        [machines.stop()].compactMap(\.self) + addresses.values.compactMap { $0.stop() }
    }

    private func makeMachinesQuery() -> SharedQuery<MachineList> {
        SharedQuery(on: loop, times: times, isDoubtful: { !$0.hasSiblings }, question: source.list) {
            [unowned self] result in
            switch result {
            case .success(let list): listed(list)
            case .failure: board.queryFailed()
            }
            telemetry.queryEnded(source.name, result, as: .machineList)
        }
    }

    private func listed(_ list: MachineList) {
        let now = NIODeadline.now()
        known.listed(list, now: now)
        telemetry.siblingsListed(list.machines.count(where: \.isSibling))
        let isComplete = source.listsAllRegions && list.hasAllSiblings && list.hasAllDistant
        board.list(
            siblings: known.siblings(now: now), listed: list.machines.map(\.id), isComplete: isComplete, now: now)
        forgetAddresses(except: Set(known.others(now: now)))
    }

    private func makeAddressQuery(
        _ name: String, _ question: @escaping SharedQuery<[SocketAddress]>.Question
    ) -> SharedQuery<[SocketAddress]> {
        SharedQuery(on: loop, times: times, isDoubtful: \.isEmpty, question: question) { [telemetry] result in
            telemetry.queryEnded(name, result, as: .address)
        }
    }

    /// Drops the addresses of machines that no longer exist.
    private func forgetAddresses(except machines: Set<InstanceID>) {
        addresses = addresses.filter { machines.contains($0.key) || $0.value.isAsking }
    }
}

extension ClusterConfiguration {
    fileprivate func source(
        names: any NameLookup, on loop: any EventLoop, telemetry: ClusterTelemetry
    ) -> any MachineSource {
        switch siblings {
        case .fly(let app, let region):
            FlyMachines(of: app, region: region, own: instance, port: port, names: names)
        case .dns(let name, let region):
            NamedMachines(
                at: name, isWholeCluster: region == nil, own: instance, port: port, names: names, on: loop,
                telemetry: telemetry)
        }
    }
}
