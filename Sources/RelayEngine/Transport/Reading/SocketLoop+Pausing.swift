internal import RelayLimits

/// Connections that are not read for a while, or whose input waits.
extension SocketLoop {
    /// Leaves the rest of a connection's input for the next turn.
    func deferRest(of connection: Connection<Handler>) {
        connection.reading = .deferred
        reader.deferRest(of: connection.key)
    }

    /// Stops reading for a while; nothing is lost, since TCP holds the peer back.
    func pause(_ connection: Connection<Handler>, for rest: UInt64) {
        connection.reading = .throttled
        unwatch(connection, for: .readable)
        rests.set(.read(connection.key), at: now + max(rest, TransportSettings.shortestPause))
    }

    /// Pauses a connection that sends much while memory is short, or a receiver of its large messages has much queued:
    /// they get time to catch up before one of them must be closed.
    func pauseForReceivers(of connection: Connection<Handler>) {
        let hasFullReceiver = writer.takeFullReceiver()
        guard connection.flags.contains(.sendsMuch), connection.phase == .webSocket else { return }
        guard connection.reading == .open || connection.reading == .deferred else { return }
        if let rest = memory.pause {
            limitExceeded(.memoryPressure)
            pause(connection, for: rest)
            if memory.paused(at: now) {
                for mailbox in group.mailboxes { mailbox.post(.shedStaleInput) }
            }
        } else if hasFullReceiver {
            limitExceeded(.fullReceiver)
            pause(connection, for: TransportSettings.fullReceiverPause)
        }
    }

    /// Stops reading from a client that does not read its answers. Its requests have arrived in time; the time until
    /// its answers have left is that of a rest.
    func stall(_ connection: Connection<Handler>) {
        connection.reading = .stalled
        unwatch(connection, for: .readable)
        setDeadline(of: connection, at: now + TransportSettings.keepAliveSeconds * MonotonicClock.nanosecondsPerSecond)
    }

    /// Goes on with a connection whose answers have left.
    func outputLeft(_ connection: Connection<Handler>) {
        guard connection.reading == .stalled else { return }
        connection.times.waitEnded(at: now)
        setDeadline(of: connection, at: moment(seconds: settings.handshakeTimeout))
        watch(connection, for: .readable)
        deferRest(of: connection)
    }

    /// Goes on with a connection whose pause is over.
    func resume(_ connection: Connection<Handler>) {
        guard connection.reading == .throttled else { return }
        connection.reading = .open
        connection.times.waitEnded(at: now)
        watch(connection, for: .readable)
        workOff(connection)
    }
}
