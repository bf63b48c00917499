/// What somebody at a terminal is told whose Ctrl-C has begun a drain: what it waits for, and how not to wait.
struct DrainNotice: CustomStringConvertible {
    let description: String

    /// Nil where there is nothing to wait for.
    ///
    /// - Parameters:
    ///   - seconds: the longest time that the drain may take; 0 for no limit.
    ///   - delay: the shortest.
    init?(rooms: Int, clients: Int, seconds: Int, delay: Int) {
        let wait: String
        if rooms > 0 {
            let bound = seconds > 0 ? ", \(seconds) s at most" : ""
            let players = DrainNotice.count(clients, "client")
            wait = "Waiting for \(DrainNotice.count(rooms, "room")) with \(players)\(bound)."
        } else if delay > 0 {
            wait = "Answering for \(delay) s more (DRAIN_DELAY_SECONDS)."
        } else {
            return nil
        }
        description = "\(wait) Ctrl-C again stops at once.\n"
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
