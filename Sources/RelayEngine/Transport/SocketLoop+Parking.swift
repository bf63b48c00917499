internal import RelayCore

/// Requests that wait for something outside the loop. Nothing else waits with them: their connections are left alone until
/// the result is in the mailbox.
extension SocketLoop {
    /// Leaves the request, and whatever follows it, unread until its errand is done.
    func park(_ connection: Connection, until errand: @escaping Errand, ifAbandoned: @escaping () -> Void) {
        guard let exchange = connection.exchange else { return }
        nextTicket += 1
        exchange.errand = .under(
            RunningErrand(
                errand, ticket: nextTicket, for: connection.key, reportingTo: group.mailboxes[index],
                ifAbandoned: ifAbandoned))
        count(connection, as: .parked)
        // Not the bytes behind the request, but whether the client is still there.
        setInterest(connection.interest.subtracting(.readable).union(.hangUp), of: connection)
        connection.deadline = moment(seconds: settings.errandTimeout)
        armCheck(connection)
    }

    func errandDone(_ result: ErrandResult) {
        guard let connection = connection(result.key), case .under(let errand)? = connection.exchange?.errand,
            errand.ticket == result.ticket
        else { return }
        answerParked(connection, with: result.cargo)
    }

    /// Asks the handler again for the answer to a parked request.
    ///
    /// - Parameter result: nil if the errand took too long; then it is cancelled.
    func answerParked(_ connection: Connection, with result: (any ConnectionCargo)?) {
        guard !connection.isDoomed else { return }
        connection.exchange?.errand = .done(result)
        count(connection, as: .http)
        setInterest(connection.interest.subtracting(.hangUp).union(.readable), of: connection)
        connection.heardAt = now
        connection.deadline = moment(seconds: settings.handshakeTimeout)
        armCheck(connection)
        // Last: the next request may already take it to another loop, whose it is then.
        workOff(connection)
    }
}
