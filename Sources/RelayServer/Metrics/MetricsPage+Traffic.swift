internal import RelayCore
internal import RelayEngine

/// The metrics of the loops: connections, their traffic, and failures.
extension MetricsPage {
    func connections(_ statistics: EngineStatistics) -> [MetricFamily] {
        [
            .gauge(
                "party_sockets_open_connections", "Open sockets: requests, WebSockets and closing ones.",
                statistics.openConnections),
            .gauge(
                "party_sockets_loop_connections", "Open sockets by event loop.", byLoop: statistics.connectionsByLoop),
            .gauge(
                "party_sockets_connections_by_state",
                "Open sockets: requests, requests waiting for siblings, WebSockets in no room and in one, closing ones.",
                by: "state", statistics.connectionsByState),
            .gauge("party_sockets_websockets", "Open WebSockets, in a room or not.", statistics.webSockets),
            .gauge(
                "party_sockets_max_connections", "The most WebSockets that may be, 0 for any number.",
                statistics.bounds.connections),
            .gauge(
                "party_sockets_queued_bytes", "Output that the kernels of slow readers have not taken yet.",
                statistics.queuedBytes),
            .gauge("party_sockets_slow_readers", "Connections with such output.", statistics.slowReaders),
            .gauge(
                "party_sockets_buffered_bytes", "Memory held in buffers of connections, both directions.",
                statistics.bufferedBytes),
            .gauge(
                "party_sockets_max_buffered_bytes",
                "The most memory that buffers, rooms and connections may take together, 0 for any amount.",
                statistics.bounds.bufferedBytes),
        ]
    }

    func traffic(_ statistics: EngineStatistics) -> [MetricFamily] {
        [
            .counter(
                "party_sockets_messages_received_total", "Messages that clients sent.", statistics.messagesReceived),
            .counter(
                "party_sockets_deliveries_total", "Messages sent to clients; one to three of them counts three.",
                statistics.deliveries),
            .counter("party_sockets_received_bytes_total", "Bytes read.", statistics.bytesReceived),
            .counter("party_sockets_sent_bytes_total", "Bytes written.", statistics.bytesSent),
            .counter("party_sockets_sends_total", "Writes to connections.", statistics.sends),
            .counter(
                "party_sockets_send_batches_total", "System calls that wrote to several connections each (io_uring).",
                statistics.sendBatches),
            .counter(
                "party_sockets_receive_batches_total",
                "System calls that read from several connections each (io_uring).",
                statistics.receiveBatches),
            .gauge(
                "party_sockets_io_uring",
                "1 while every event loop may read from several connections, or write to several, with one system call.",
                statistics.usesIOUring ? 1 : 0),
            MetricFamily(
                "party_sockets_relay_seconds",
                "From the start of the turn in which a message was read to the last write of the turn that handled it.",
                .histogram(statistics.relayTime)),
            MetricFamily(
                "party_sockets_turn_seconds", "How long a turn of an event loop worked, without its wait.",
                .histogram(statistics.turnTime)),
        ]
    }

    func failures(_ statistics: EngineStatistics) -> [MetricFamily] {
        [
            .counter(
                "party_sockets_closes_total", "Close frames sent, by their code; none for an empty one.", by: "code",
                statistics.closes),
            .counter("party_sockets_errors_total", "Error messages sent.", by: "error", statistics.errors),
            .counter(
                "party_sockets_idle_drops_total", "WebSockets dropped because they said nothing.", statistics.idleDrops),
            .counter(
                "party_sockets_bad_requests_total", "Requests that were no well-formed HTTP.", statistics.badRequests),
            .counter(
                "party_sockets_handshakes_refused_total", "WebSocket handshakes that were refused, by the reason.",
                by: "reason", statistics.handshakesRefused),
            .counter(
                "party_sockets_limits_total", "Times that a limit was exceeded.", by: "limit",
                statistics.limitsExceeded),
        ]
    }

    func replays(_ statistics: EngineStatistics) -> [MetricFamily] {
        [
            .counter(
                "party_sockets_replays_total", "Answers that asked the proxy to deliver the request elsewhere.",
                by: "kind", statistics.replays),
            .counter(
                "party_sockets_replay_fallbacks_total", "Requests that came back because their replay failed.",
                statistics.replayFallbacks),
        ]
    }
}
