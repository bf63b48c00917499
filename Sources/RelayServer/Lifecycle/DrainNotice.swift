/// What somebody at a terminal is told whose Ctrl-C has begun a drain: what it waits for, and what another one would do.
struct DrainNotice: CustomStringConvertible {
    /// What becomes of the rooms.
    enum Rescue: Hashable, Sendable {
        /// They end by themselves, or with the relay.
        case none
        /// Other machines are asked to take them.
        case handover
        /// Those that no machine takes are written to a file for the next start.
        case file
    }

    let description: String

    /// Nil where there is nothing to wait for.
    ///
    /// - Parameters:
    ///   - seconds: the longest time that the drain may take; 0 for no limit.
    ///   - delay: the shortest.
    init?(rooms: Int, clients: Int, rescue: Rescue, seconds: Int, delay: Int) {
        let held = "\(DrainNotice.count(rooms, "room")) with \(DrainNotice.count(clients, "client"))"
        let bound = seconds > 0 ? ", \(seconds) s at most" : ""
        switch rescue {
        case _ where rooms == 0:
            guard delay > 0 else { return nil }
            description = "Answering for \(delay) s more (DRAIN_DELAY_SECONDS). Ctrl-C again stops at once.\n"
        case .none:
            description = "Waiting for \(held)\(bound). Ctrl-C again stops at once.\n"
        case .handover:
            description = "Handing over \(held)\(bound). Ctrl-C again loses what no machine has taken.\n"
        case .file:
            description = "Keeping \(held). Ctrl-C again loses what is not kept yet.\n"
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
