internal import RelayWire

/// The request that a connection is sending, as far as it has arrived.
final class HTTPExchange {
    var parser = RequestHeadParser()
    /// Whether bytes of the next request have arrived.
    var isUnderWay = false
    /// Whether a request has been answered here: then the connection may rest longer before the next.
    var hasAnswered = false
    /// Whether it asks for what takes long to make; such a connection waits when a turn has made much already.
    var hasLongAnswers = false
    /// What the answer to the request at the front waits for, or waited for.
    var errand = ErrandState.none

    var isParked: Bool {
        if case .under = errand { true } else { false }
    }
}
