/// An answer that a request needs from outside the loop, of a lookup on other machines, say.
///
/// It must come to an end by itself when its task is cancelled.
package typealias Lookup = @Sendable () async -> any ConnectionCargo

/// What a handler makes of the answer to a lookup, on the loop that parked the request; nil if none came in time.
package typealias ResumeRequest = ((any ConnectionCargo)?, Connection, SocketLoop) -> RequestOutcome

/// A lookup that a parked request waits for. Letting go of it cancels it.
final class PendingLookup {
    /// Tells the answer that is waited for from one that comes too late.
    let ticket: UInt64
    let resume: ResumeRequest
    /// To be called if the connection ends before the answer comes.
    let ifAbandoned: () -> Void
    private let task: Task<Void, Never>

    init(
        _ parking: Parking, ticket: UInt64, for key: ConnectionKey, reportingTo mailbox: Mailbox
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
package struct Parking {
    let lookup: Lookup
    let resume: ResumeRequest
    let ifAbandoned: () -> Void

    /// - Parameters:
    ///   - resume: decides on the request when the lookup has ended, or has taken too long.
    ///   - ifAbandoned: called if the connection ends before.
    package init(
        until lookup: @escaping Lookup, resume: @escaping ResumeRequest, ifAbandoned: @escaping () -> Void
    ) {
        self.lookup = lookup
        self.resume = resume
        self.ifAbandoned = ifAbandoned
    }
}

/// The answer to a lookup, and the request that it is for.
struct LookupResult: Sendable {
    let key: ConnectionKey
    let ticket: UInt64
    let answer: any ConnectionCargo
}
