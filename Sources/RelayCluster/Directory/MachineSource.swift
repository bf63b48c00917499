internal import NIOCore
internal import RelayCore

/// Where the machines of the cluster are listed, and how their addresses are found.
///
/// Loop-bound, but for the questions, which run anywhere.
protocol MachineSource: AnyObject {
    /// The DNS name of the list.
    var name: String { get }

    /// True if the list has the machines of all regions.
    var listsAllRegions: Bool { get }

    /// Asks for the list; fails if the answer has no machine at all.
    var list: SharedQuery<MachineList>.Question { get }

    /// The DNS name of a machine, and the question for its addresses; nil where the list has them.
    func addresses(of machine: InstanceID) -> (name: String, question: SharedQuery<[SocketAddress]>.Question)?

    /// At an address of this machine another one has answered.
    func distrust(_ machine: InstanceID)
}

/// The error for a DNS answer without content.
struct EmptyAnswer: Error, CustomStringConvertible {
    let description = "the answer is empty"
}
