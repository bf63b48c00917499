/// Something that an answer needs and that happens off the loop: a lookup on other machines, say.
///
/// It must come to an end by itself when its task is cancelled.
package typealias Errand = @Sendable () async -> any ConnectionCargo

/// What has become of the errand of a request.
package enum ErrandState {
    /// The request needed none so far.
    case none
    /// The request is parked until it comes back.
    case under(RunningErrand)
    /// It came back; nil if it did not in time.
    case done((any ConnectionCargo)?)
}

/// An errand on its way. Whoever lets go of it cancels it.
package final class RunningErrand {
    /// Tells the result that is waited for from one that comes too late.
    let ticket: UInt64
    /// To be called if its connection ends before it comes back.
    let ifAbandoned: () -> Void
    private let task: Task<Void, Never>

    init(
        _ errand: @escaping Errand, ticket: UInt64, for key: ConnectionKey, reportingTo mailbox: Mailbox,
        ifAbandoned: @escaping () -> Void
    ) {
        self.ticket = ticket
        self.ifAbandoned = ifAbandoned
        // A player is waiting for it.
        task = Task(priority: .high) {
            let result = await errand()
            guard !Task.isCancelled else { return }
            mailbox.post(.errandDone(ErrandResult(key: key, ticket: ticket, cargo: result)))
        }
    }

    deinit {
        task.cancel()
    }
}

/// What an errand brings back, and to whom.
struct ErrandResult: Sendable {
    let key: ConnectionKey
    let ticket: UInt64
    let cargo: any ConnectionCargo
}
