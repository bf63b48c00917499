internal import Glibc
package import RelayWire

extension SocketLoop {
    /// Decides that a connection ends. It hears and says nothing more; the rest happens at the end of the step, when no
    /// caller is in the middle of a room.
    package func close(_ connection: Connection, _ code: CloseCode, reason: String) {
        doom(connection, .close(code, reason: reason))
    }

    func doom(_ connection: Connection, _ ending: Ending) {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase != .closed else { return }
        connection.reading = .ending
        // Counted as gone from here on, lest others be shed for what is on its way out.
        count(connection, holding: 0)
        exits.add(.close(ending), of: connection)
    }

    /// Ends what was doomed. Telling the others may doom more; each connection can be doomed only a few times.
    func reap() {
        while let exit = exits.takeClose() { end(exit.connection, exit.ending) }
    }

    private func end(_ connection: Connection, _ ending: Ending) {
        guard connection.phase != .closed else { return }
        if connection.phase == .webSocket {
            handler.closed(connection, on: self)
            connection.session = nil
        }
        switch ending {
        case .abort:
            tearDown(connection)
        case .finish:
            startClosing(connection)
        case .echo(let code):
            counters.closes.add(1, for: CloseReason(code))
            queueClose(code, reason: "", to: connection)
            startClosing(connection)
        case .close(let code, let reason):
            counters.closes.add(1, for: CloseReason(code))
            // A slow reader gets the frame that it has begun to read, and then the reason.
            if code == .tooSlow { connection.output.dropUnsentFrames(pool: &pool) }
            queueClose(code, reason: reason, to: connection)
            startClosing(connection)
        }
    }

    private func queueClose(_ code: CloseCode?, reason: String, to connection: Connection) {
        var frame: [UInt8] = []
        frame.reserveCapacity(FrameWriter.maximumHeaderLength + reason.utf8.count)
        FrameWriter.appendClose(code, reason: reason, to: &frame)
        unsafe frame.withUnsafeBytes { unsafe connection.output.append($0, pool: &pool) }
    }

    private func startClosing(_ connection: Connection) {
        connection.phase = .closing
        // What still arrives is thrown away.
        connection.reading = .open
        connection.parser = nil
        connection.exchange = nil
        connection.input.release()
        count(connection, as: .closing)
        let hasMuchToSend = connection.output.count > TransportSettings.directBytes
        connection.deadline = moment(
            seconds: hasMuchToSend ? TransportSettings.slowCloseSeconds : TransportSettings.closeSeconds)
        armCheck(connection)
        recount(connection)
        // A hang-up that was watched for while it was parked would be reported again and again.
        setInterest(connection.interest.subtracting(.hangUp).union(.readable), of: connection)
        if connection.output.isEmpty { return sentLastByte(connection) }
        markDirty(connection)
    }

    /// With all said, waits for the peer's end, so that a reset cannot overtake our last words.
    func sentLastByte(_ connection: Connection) {
        if connection.isInputDone { return tearDown(connection) }
        Socket.finishWriting(connection.descriptor)
    }

    func tearDown(_ connection: Connection) {
        guard connection.phase != .closed else { return }
        precondition(connection.phase != .webSocket || connection.session == nil, "its handler has been told")
        connection.phase = .closed
        connection.exchange?.lookup?.ifAbandoned()
        Glibc.close(connection.descriptor)
        // What this turn still refers to must live until its end.
        graveyard.append(connection)
        removeFromTable(connection)
        connection.output.release(to: &pool)
        connection.input.release()
        scheduleTrim()
    }

    /// After many have gone, gives their memory back to the system, once the crowd is through.
    private func scheduleTrim() {
        goneSinceTrim += 1
        guard goneSinceTrim == TransportSettings.connectionsPerTrim else { return }
        timers.set(.trim, at: now + 2 * MonotonicClock.nanosecondsPerSecond)
    }
}
