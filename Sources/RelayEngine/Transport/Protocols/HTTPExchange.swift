internal import RelayWire

/// The request that a connection receives, and the state of its answer.
final class HTTPExchange<Handler: ConnectionHandler> {
    var parser = RequestHeadParser()
    /// The head of the request whose body is awaited: it has been parsed, and is the front of the connection's input.
    var headOfBody: RequestHead?
    /// True if some bytes of the next request have arrived.
    var isUnderWay = false
    /// True once a request has been answered: the connection may then rest longer before the next.
    var hasAnswered = false
    /// True if it has asked for a long answer; such a connection waits when a turn has built many bytes of those.
    var hasLongAnswers = false
    /// The request that has been read and is not answered yet: it is parked, or on its way to another loop.
    var pending: PendingRequest?
    /// The lookup that this request waits for.
    var lookup: PendingLookup<Handler>?
    private var lastTicket: UInt64 = 0

    /// A number that no other lookup of this connection has.
    func newTicket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }
}
