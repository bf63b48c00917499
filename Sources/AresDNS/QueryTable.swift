internal import NIOCore

/// The open questions, and the callers that wait for each.
///
/// It is the core of a resolver and belongs to the event loop: callers with the same question share a query, questions
/// beyond the servers' capacity wait in a queue, and a caller that gives up ends only its own wait.
final class QueryTable {
    typealias Completion = (Result<[[UInt8]], any Error>) -> Void

    private let eventLoop: any EventLoop
    private let configuration: AresResolver.Configuration
    private var nameServers: NameServers
    private var queries: [Question: Query] = [:]
    /// Questions in `queries` that have not been sent yet, oldest first.
    private var waiting = WaitingLine()
    private var current: Upstream?
    /// Upstreams that get no new questions; each closes after its last answer.
    private var retired: [Upstream] = []
    private var isStarting = false
    private var isShutDown = false

    init(eventLoop: any EventLoop, configuration: AresResolver.Configuration) {
        self.eventLoop = eventLoop
        self.configuration = configuration
        nameServers = NameServers(configuration: configuration)
    }

    func ask(_ question: Question, deadline: NIODeadline, ticket: Ticket, completion: @escaping Completion) {
        eventLoop.preconditionInEventLoop()
        let query: Query
        do throws(AresError) {
            query = try self.query(for: question)
        } catch {
            return completion(.failure(error))
        }
        query.waiters[ObjectIdentifier(ticket)] = Query.Waiter(
            ticket: ticket, completion: completion, timer: timer(for: ticket, on: question, deadline: deadline))
        startWaiting()
    }

    /// Ends one caller's wait with a `CancellationError`; does nothing if it has its answer.
    func giveUp(_ ticket: Ticket, on question: Question) {
        eventLoop.preconditionInEventLoop()
        endWait(of: ticket, on: question, with: CancellationError())
    }

    /// Fails all questions and closes all sockets.
    func shutDown() -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        isShutDown = true
        let open = queries.values
        queries = [:]
        waiting = WaitingLine()
        for query in open {
            query.finish(.failure(AresError(.shutDown, "the resolver has been shut down")))
        }
        let closed = (retired + (current.map { [$0] } ?? [])).flatMap { $0.end() }
        retired = []
        current = nil
        return EventLoopFuture.andAllComplete(closed, on: eventLoop)
    }

    private func query(for question: Question) throws(AresError) -> Query {
        guard !isShutDown else { throw AresError(.shutDown, "the resolver has been shut down") }
        if let open = queries[question] { return open }
        guard waiting.count < configuration.maximumWaiting else {
            throw AresError(.overloaded, "\(waiting.count) other questions are waiting")
        }
        try lookForServers()
        let query = Query(place: waiting.append(question))
        queries[question] = query
        return query
    }

    private func timer(for ticket: Ticket, on question: Question, deadline: NIODeadline) -> Scheduled<Void>? {
        guard deadline < .distantFuture else { return nil }
        return eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            let error = AresError(.timeout, "no answer by the caller's deadline")
            self.endWait(of: ticket, on: question, with: error)
        }
    }

    private func endWait(of ticket: Ticket, on question: Question, with error: any Error) {
        guard let query = queries[question], let waiter = query.waiters.removeValue(forKey: ObjectIdentifier(ticket))
        else { return }
        waiter.timer?.cancel()
        // It may come back with another question.
        defer { waiter.completion(.failure(error)) }
        // A query in flight goes on: c-ares cannot cancel a single one, and another caller may join it.
        guard query.waiters.isEmpty else { return }
        if let place = query.place {
            waiting.remove(at: place)
            queries[question] = nil
        } else {
            query.leavePlace()
            startWaiting()
        }
    }

    /// Sends as many waiting questions as the upstream takes.
    private func startWaiting() {
        // Questions that fail at once re-enter this method while the loop below runs.
        guard !isStarting else { return }
        isStarting = true
        defer { isStarting = false }
        while let upstream = upstream(), upstream.hasRoom, let question = waiting.popFirst() {
            queries[question]?.place = nil
            queries[question]?.upstream = upstream
            upstream.ask(question) { self.finished(question, $0, from: upstream) }
        }
    }

    private func finished(_ question: Question, _ outcome: Outcome, from upstream: Upstream) {
        guard !isShutDown else { return }
        let query = queries.removeValue(forKey: question)
        // Servers that answer all that is awaited are good enough, whatever they are silent about.
        let isAwaited = query.map { !$0.waiters.isEmpty } ?? false
        query?.ended(outcome.result)
        if isAwaited, upstream === current, let order = upstream.betterOrder(after: outcome) {
            replaceUpstream(asking: order)
        }
        retired.removeAll { $0.hasEnded }
        startWaiting()
    }

    /// Switches to the servers of a changed `resolv.conf`.
    private func lookForServers() throws(AresError) {
        if nameServers.look(now: .now()) { replaceUpstream(asking: nil) }
        guard !nameServers.addresses.isEmpty else {
            throw AresError(.noServers, "no name server in \(configuration.resolvConfPath)")
        }
    }

    private func upstream() -> Upstream? {
        if current == nil, !nameServers.addresses.isEmpty { replaceUpstream(asking: nameServers.addresses) }
        return current
    }

    private func replaceUpstream(asking servers: [SocketAddress]?) {
        if let old = current {
            old.retire()
            if !old.hasEnded { retired.append(old) }
        }
        current = servers.map { Upstream(servers: $0, eventLoop: eventLoop, configuration: configuration) }
    }
}

/// An open question with all its callers.
final class Query {
    struct Waiter {
        // Retained, so that no other ticket gets its identity.
        let ticket: Ticket
        let completion: QueryTable.Completion
        let timer: Scheduled<Void>?
    }

    var waiters: [ObjectIdentifier: Waiter] = [:]
    /// The place in the waiting line; nil once the question has been sent.
    var place: Int?
    /// Where it was sent, while it is in flight.
    var upstream: Upstream?
    /// True if everybody has given up on the question in flight at some time: from then on it holds up no other, even if
    /// somebody waits for it again.
    private var isAbandoned = false

    init(place: Int) {
        self.place = place
    }

    func leavePlace() {
        guard !isAbandoned else { return }
        isAbandoned = true
        upstream?.abandoned += 1
    }

    /// The question in flight has ended.
    func ended(_ result: Result<[[UInt8]], AresError>) {
        if isAbandoned { upstream?.abandoned -= 1 }
        upstream = nil
        finish(result)
    }

    func finish(_ result: Result<[[UInt8]], AresError>) {
        let waiters = waiters.values
        self.waiters = [:]
        for waiter in waiters {
            waiter.timer?.cancel()
            waiter.completion(result.mapError { $0 })
        }
    }
}
