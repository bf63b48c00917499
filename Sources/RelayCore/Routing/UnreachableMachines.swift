/// The machines that a replay has failed to reach a moment ago.
///
/// The list of machines names one for some seconds after its end. Meanwhile its players come with its id, and one failure
/// is enough to know better.
package struct UnreachableMachines: Sendable {
    /// For how long a failure counts: until the list is a new one.
    package static let seconds = 5
    /// Clients choose the ids, so the table is bounded: when it is full, further ones are not noted.
    static let most = 256

    private var ends: [InstanceID: UInt64] = [:]

    package init() {}

    package var count: Int { ends.count }

    /// - Parameters:
    ///   - end: the moment up to which the failure counts.
    ///   - now: drops what is over by then, if the table is full.
    package mutating func note(_ machine: InstanceID, until end: UInt64, now: UInt64) {
        if ends.count >= Self.most { ends = ends.filter { $0.value > now } }
        guard ends.count < Self.most || ends[machine] != nil else { return }
        ends[machine] = end
    }

    package func contains(_ machine: InstanceID, now: UInt64) -> Bool {
        if ends.isEmpty { return false }
        return ends[machine].map { now < $0 } ?? false
    }
}
