/// The phase of a connection, as metrics count it.
package enum CountedPhase: String, CounterKey {
    /// It reads and answers requests.
    case http
    /// A request that waits for something outside its loop.
    case parked
    case webSocket = "websocket"
    case closing
}
