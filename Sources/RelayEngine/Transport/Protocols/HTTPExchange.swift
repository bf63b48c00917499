internal import RelayWire

/// The request that a connection is sending, as far as it has arrived.
final class HTTPExchange<Handler: ConnectionHandler> {
    var parser = RequestHeadParser()
    /// Whether bytes of the next request have arrived.
    var isUnderWay = false
    /// Whether a request has been answered here: then the connection may rest longer before the next.
    var hasAnswered = false
    /// Whether it asks for what takes long to make; such a connection waits when a turn has made much already.
    var hasLongAnswers = false
    /// The head of a request that has been read and is not answered yet: it is parked, or on its way to another loop.
    var request: RequestHead?
    /// The lookup that this request waits for.
    var lookup: PendingLookup<Handler>?
    private var lastTicket: UInt64 = 0

    /// A number that no other lookup of this connection has.
    func newTicket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }
}
