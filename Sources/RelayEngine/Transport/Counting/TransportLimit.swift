/// A limit of the transport that a client may exceed.
package enum TransportLimit: String, CounterKey {
    case messageBytes = "message_bytes"
    case queuedBytes = "queued_bytes"
    case bufferedBytes = "buffered_bytes"
    case messagesPerSecond = "messages_per_second"
    case handshakeTimeout = "handshake_timeout"
    case requestHeadBytes = "request_head_bytes"
    case openFiles = "open_files"
    /// A lookup took longer than allowed, and its request went on without it.
    case lookupTimeout = "lookup_timeout"
}
