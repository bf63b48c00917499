/// A lookup that a parked request waits for. Releasing it cancels the lookup.
final class PendingLookup<Handler: ConnectionHandler> {
    /// The number that tells the expected answer from a late one.
    let ticket: UInt64
    let resume: Parking<Handler>.Resume
    private let task: Task<Void, Never>

    init(
        _ parking: Parking<Handler>, ticket: UInt64, for key: ConnectionKey, reportingTo mailbox: Mailbox<Handler>
    ) {
        self.ticket = ticket
        resume = parking.resume
        let lookup = parking.lookup
        // A player waits for it.
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

/// A handler's request to park a request until a lookup ends.
package struct Parking<Handler: ConnectionHandler> {
    /// The lookup, which runs outside the loop. It must return when its task is cancelled.
    package typealias Lookup = @Sendable () async -> Handler.LookupAnswer

    /// The handler's decision on the request, on the loop that parked it; the answer is nil if none came in time.
    package typealias Resume = (Handler.LookupAnswer?, Connection<Handler>, SocketLoop<Handler>) -> RequestOutcome<
        Handler
    >

    let lookup: Lookup
    let resume: Resume

    /// - Parameter resume: decides on the request when the lookup has ended, or has taken too long; not called if the
    ///   client is lost before.
    package init(until lookup: @escaping Lookup, resume: @escaping Resume) {
        self.lookup = lookup
        self.resume = resume
    }
}

/// The answer to a lookup, with the connection and ticket that it is for.
struct LookupResult<Answer: Sendable>: Sendable {
    let key: ConnectionKey
    let ticket: UInt64
    let answer: Answer
}
