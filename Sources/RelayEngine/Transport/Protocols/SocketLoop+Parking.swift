internal import RelayLimits

/// Parked requests: their connections are left alone until the answer to the lookup is in the mailbox, and the loop
/// goes on with the others.
extension SocketLoop {
    /// Parks a request: bytes behind it are not read until its lookup has ended.
    func park(_ connection: Connection<Handler>, _ parking: Parking<Handler>) {
        guard let exchange = connection.exchange else { return }
        exchange.lookup = PendingLookup(
            parking, ticket: exchange.newTicket(), for: connection.key, reportingTo: group.mailboxes[index])
        connection.reading = .parked
        connection.phaseGauge.count(as: .parked, in: counters)
        // Watched for a hang-up of the client, not for the bytes behind the request.
        setInterest(connection.interest.subtracting(.readable).union(.hangUp), of: connection)
        setDeadline(of: connection, at: moment(seconds: settings.lookupTimeout))
    }

    func lookupDone(_ result: LookupResult<Handler.LookupAnswer>) {
        guard let connection = table[result.key], connection.exchange?.lookup?.ticket == result.ticket else {
            return
        }
        resumeParked(connection, with: result.answer)
    }

    /// Asks the handler to decide on a parked request.
    ///
    /// - Parameter answer: nil if the lookup took too long, in which case it is cancelled.
    func resumeParked(_ connection: Connection<Handler>, with answer: Handler.LookupAnswer?) {
        guard connection.reading == .parked, let lookup = connection.exchange?.lookup else { return }
        connection.exchange?.lookup = nil
        connection.reading = .open
        connection.phaseGauge.count(as: .http, in: counters)
        setInterest(connection.interest.subtracting(.hangUp).union(.readable), of: connection)
        connection.times.waitEnded(at: now)
        setDeadline(of: connection, at: moment(seconds: settings.handshakeTimeout))
        resumeRequest(of: connection) { lookup.resume(answer, connection, self) }
        workOff(connection)
    }

    /// Carries out the handler's decision on a request that was read before.
    func resumeRequest(of connection: Connection<Handler>, _ decide: () -> RequestOutcome<Handler>) {
        guard let request = connection.exchange?.pending else { preconditionFailure("a request waits for its answer") }
        connection.exchange?.pending = nil
        let next = carryOut(decide(), to: request, of: connection)
        finish(Work(hasAnswered: true, next: next), of: connection)
    }
}
