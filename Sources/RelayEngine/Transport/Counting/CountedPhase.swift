/// What a connection is to its loop, as far as the transport knows.
package enum CountedPhase: String, CounterKey {
    /// Requests.
    case http
    /// A request that waits for something outside its loop.
    case parked
    case webSocket = "websocket"
    case closing
}
