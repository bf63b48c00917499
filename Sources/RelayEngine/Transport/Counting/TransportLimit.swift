/// A limit of the transport that a client may exceed.
package enum TransportLimit: String, CounterKey {
    case messageBytes = "message_bytes"
    case queuedBytes = "queued_bytes"
    case bufferedBytes = "buffered_bytes"
    /// A connection that sends much has been paused, because memory is short.
    case memoryPressure = "memory_pressure"
    /// A sender of large messages has been paused, because one of its receivers has much queued.
    case fullReceiver = "full_receiver"
    case messagesPerSecond = "messages_per_second"
    case handshakeTimeout = "handshake_timeout"
    case requestHeadBytes = "request_head_bytes"
    case openFiles = "open_files"
    case socketsPerPeer = "connections_per_address"
    /// A lookup took longer than allowed, and its request went on without it.
    case lookupTimeout = "lookup_timeout"
}
