/// WebSockets that the handler wants left alone for a while, and the last look at what their clients have sent.
extension SocketLoop {
    /// Stops reading from a WebSocket until `resumeReading`. What has arrived of it is kept, it is not silent meanwhile,
    /// and the end of its peer ends it.
    package func pauseReading(_ connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        keepArrival(of: connection)
        guard connection.phase == .webSocket, !connection.reading.isLeaving else { return }
        connection.reading = .held
        setInterest(connection.interest.subtracting(.readable).union(.hangUp), of: connection)
    }

    /// Goes on with a WebSocket that is held, from the next turn on.
    package func resumeReading(_ connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard connection.reading == .held else { return }
        connection.times.waitEnded(at: now)
        deferRest(of: connection)
        watchInput(of: connection)
    }

    /// Ends a WebSocket whose peer has gone while it was held, after what that one has sent last.
    func endHeld(_ connection: Connection<Handler>) {
        drainInput(of: connection)
        closeLater(connection, .abort)
    }

    /// Handles what the client of a WebSocket has sent until now, also if it is held or paused, and leaves it in the state
    /// in which it was.
    ///
    /// Not to be called while a message of this connection is handled. Closes take effect when the caller has returned.
    ///
    /// - Returns: false if it was too much for one call: the rest is still to be read.
    @discardableResult
    package func drainInput(of connection: Connection<Handler>) -> Bool {
        connection.assertOwned(by: self)
        keepArrival(of: connection)
        guard connection.phase == .webSocket, !connection.reading.isLeaving else { return true }
        let reading = connection.reading
        connection.reading = .open
        let isDrained = handleInput(of: connection)
        // The next sender is not paused for this one's receivers.
        _ = writer.takeFullReceiver()
        // The last read may not have needed the space that was made for it.
        connection.input.shrink()
        if connection.reading == .open {
            connection.reading = reading
            if reading == .open, !isDrained { deferRest(of: connection) }
        }
        if connection.phase != .closed { recount(connection) }
        return isDrained
    }

    /// Handles complete frames and reads more, in turns.
    ///
    /// - Returns: false if a bound was reached.
    private func handleInput(of connection: Connection<Handler>) -> Bool {
        let lastSend = writer.queuedFrames + TransportSettings.sendsPerRound
        var bytesLeft = TransportSettings.drainedBytes
        for _ in 0..<TransportSettings.drainedRounds {
            guard writer.queuedFrames < lastSend, !memory.isExceeded else { return false }
            guard handleFrames(of: connection) else { continue }
            guard connection.reading == .open else { return true }
            guard bytesLeft > 0 else { return false }
            let space = unsafe connection.spaceBehindInput
            let bounded = unsafe UnsafeMutableRawBufferPointer(
                rebasing: space[..<min(space.count, TransportSettings.readBytes, bytesLeft)])
            guard let count = note(unsafe Socket.read(connection.descriptor, into: bounded), of: connection) else {
                return true
            }
            connection.input.grow(by: count)
            bytesLeft -= count
        }
        return false
    }

    /// Handles complete frames of a connection's buffered input.
    ///
    /// - Returns: true if none is left, or if no more are to be handled.
    private func handleFrames(of connection: Connection<Handler>) -> Bool {
        guard !connection.input.isEmpty else { return true }
        var work = Work()
        countingDelay(of: connection) {
            work = unsafe self.work(through: connection.input.bytes, of: connection, isDraining: true)
        }
        connection.input.consume(work.consumed)
        recount(connection)
        switch work.next {
        case .read:
            return true
        case .move:
            // The next loop reads it as any other.
            watchInput(of: connection)
            finish(work, of: connection)
            return true
        case .yield, .pause, .stall, .park:
            return false
        }
    }

    private func watchInput(of connection: Connection<Handler>) {
        setInterest(connection.interest.subtracting(.hangUp).union(.readable), of: connection)
    }

    /// Puts the bytes that a batch has read of a connection, before its turn has come, into its input.
    private func keepArrival(of connection: Connection<Handler>) {
        guard connection.phase == .webSocket, let arrival = takeArrival(of: connection),
            let count = note(arrival.outcome, of: connection)
        else { return }
        unsafe connection.keep(UnsafeRawBufferPointer(rebasing: arrival.space[..<count]))
        recount(connection)
    }
}
