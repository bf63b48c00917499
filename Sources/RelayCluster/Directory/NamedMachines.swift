internal import NIOCore
internal import RelayCore

/// The machines at the addresses of one DNS name, such as that of a headless service: each tells its own id.
final class NamedMachines: MachineSource {
    /// The time in which a machine must tell its id.
    private static let timeLimit = TimeAmount.seconds(1)
    /// Machines asked at the same time.
    private static let atOnce = 16

    let name: String
    let listsAllRegions: Bool
    private let port: Int
    private let names: any NameLookup
    private let loop: any EventLoop
    private let telemetry: ClusterTelemetry
    private var book: AddressBook

    /// - Parameter isWholeCluster: true if there are no machines in other regions.
    init(
        at name: String, isWholeCluster: Bool, own: InstanceID?, port: Int, names: any NameLookup,
        on loop: any EventLoop, telemetry: ClusterTelemetry
    ) {
        self.name = name
        listsAllRegions = isWholeCluster
        self.port = port
        self.names = names
        self.loop = loop
        self.telemetry = telemetry
        book = AddressBook(own: own)
    }

    var list: SharedQuery<MachineList>.Question {
        let machines = NIOLoopBound(self, eventLoop: loop)
        return { [name, port, names, loop] deadline in
            let addresses = try await names.addresses(of: name, port: port, deadline: deadline)
            guard !addresses.isEmpty else { throw EmptyAnswer() }
            let unknown = try await loop.submit { machines.value.book.listed(addresses, now: .now()) }.get()
            await NamedMachines.ask(unknown, on: loop, deadline: deadline) { address, answer in
                loop.execute { machines.value.told(address, answer) }
            }
            return try await loop.submit { machines.value.book.machines }.get()
        }
    }

    /// The list has them.
    func addresses(of machine: InstanceID) -> (name: String, question: SharedQuery<[SocketAddress]>.Question)? { nil }

    func distrust(_ machine: InstanceID) {
        book.distrust(machine, now: .now())
    }

    private func told(_ address: SocketAddress, _ answer: AddressBook.Answer) {
        book.told(address, answer, now: .now())
        telemetry.idTold(address, answer)
    }

    /// Asks these addresses, some at a time, until the deadline.
    private static func ask(
        _ addresses: [SocketAddress], on loop: any EventLoop, deadline: NIODeadline,
        told: @escaping @Sendable (SocketAddress, AddressBook.Answer) -> Void
    ) async {
        await withTaskGroup(of: Void.self) { group in
            for (number, address) in addresses.enumerated() {
                if number >= atOnce { await group.next() }
                let end = min(.now() + timeLimit, deadline)
                guard end > .now(), !Task.isCancelled else { break }
                group.addTask {
                    if let answer = await IDQuestion.ask(address, on: loop, deadline: end) { told(address, answer) }
                }
            }
        }
    }
}
