/// A lookup that a parked request waits for. Letting go of it cancels it.
final class PendingLookup<Handler: ConnectionHandler> {
    /// Tells the answer that is waited for from one that comes too late.
    let ticket: UInt64
    let resume: Parking<Handler>.Resume
    /// To be called if the connection ends before the answer comes.
    let ifAbandoned: () -> Void
    private let task: Task<Void, Never>

    init(
        _ parking: Parking<Handler>, ticket: UInt64, for key: ConnectionKey, reportingTo mailbox: Mailbox<Handler>
    ) {
        self.ticket = ticket
        resume = parking.resume
        ifAbandoned = parking.ifAbandoned
        let lookup = parking.lookup
        // A player is waiting for it.
        task = Task(priority: .high) {
            let answer = await lookup()
            guard !Task.isCancelled else { return }
            mailbox.post(.lookupDone(LookupResult(key: key, ticket: ticket, answer: answer)))
        }
    }

    deinit {
        task.cancel()
    }
}

/// A request's wait for a lookup, as its handler asks for it.
package struct Parking<Handler: ConnectionHandler> {
    /// An answer that a request needs from outside the loop. It must come to an end by itself when its task is cancelled.
    package typealias Lookup = @Sendable () async -> Handler.LookupAnswer

    /// Decides on the request, on the loop that parked it; without an answer if none came in time.
    package typealias Resume = (Handler.LookupAnswer?, Connection<Handler>, SocketLoop<Handler>) -> RequestOutcome<
        Handler
    >

    let lookup: Lookup
    let resume: Resume
    let ifAbandoned: () -> Void

    /// - Parameters:
    ///   - resume: decides on the request when the lookup has ended, or has taken too long.
    ///   - ifAbandoned: called if the connection ends before.
    package init(
        until lookup: @escaping Lookup, resume: @escaping Resume, ifAbandoned: @escaping () -> Void
    ) {
        self.lookup = lookup
        self.resume = resume
        self.ifAbandoned = ifAbandoned
    }
}

/// The answer to a lookup, and the request that it is for.
struct LookupResult<Answer: Sendable>: Sendable {
    let key: ConnectionKey
    let ticket: UInt64
    let answer: Answer
}
