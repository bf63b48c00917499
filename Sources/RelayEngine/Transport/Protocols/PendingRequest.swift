internal import RelayWire

/// A request that waits for its answer: what the answer needs of its head, whose bytes may go.
struct PendingRequest {
    let framing: ResponseFraming
    /// Bytes that count as held until the answer: a handler keeps no more of a request than it was.
    let heldBytes: Int

    init(_ head: RequestHead) {
        framing = ResponseFraming(for: head)
        heldBytes = head.body.upperBound
    }
}
