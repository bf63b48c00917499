internal import Glibc
package import RelayWire

extension SocketLoop {
    /// Decides that a connection ends. It hears and says nothing more; the rest happens at the end of the step, when no
    /// caller is in the middle of a room.
    package func close(_ connection: Connection<Handler>, _ code: CloseCode, reason: String) {
        closeLater(connection, .close(code, reason: reason))
    }

    func closeLater(_ connection: Connection<Handler>, _ ending: Ending) {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase != .closed else { return }
        connection.reading = .ending
        // Counted as gone from here on, lest others be shed for what is on its way out.
        count(connection, holding: 0)
        exits.add(.close(ending), of: connection)
    }

    /// Closes what is to be closed. Telling the others may add more; each connection can be added only a few times.
    func processExits() {
        while let exit = exits.takeClose() { end(exit.connection, exit.ending) }
    }

    private func end(_ connection: Connection<Handler>, _ ending: Ending) {
        guard connection.phase != .closed else { return }
        endSession(of: connection)
        switch ending {
        case .abort:
            tearDown(connection)
        case .finish:
            startClosing(connection)
        case .echo(let code):
            counters.closes.add(1, for: CloseReason(code))
            writer.queueClose(code, reason: "", to: connection)
            startClosing(connection)
        case .close(let code, let reason):
            counters.closes.add(1, for: CloseReason(code))
            // A slow reader gets the frame that it has begun to read, and then the reason.
            if code == .tooSlow { writer.dropUnsentFrames(of: connection) }
            writer.queueClose(code, reason: reason, to: connection)
            startClosing(connection)
        }
    }

    /// Tells the handler that a WebSocket is no more.
    private func endSession(of connection: Connection<Handler>) {
        guard connection.phase == .webSocket else { return }
        handler.closed(connection, on: self)
        connection.endSession()
    }

    private func startClosing(_ connection: Connection<Handler>) {
        connection.beginClosing()
        connection.gauges.count(as: .closing, in: counters)
        let hasMuchToSend = connection.output.count > TransportSettings.directBytes
        setDeadline(
            of: connection,
            at: moment(seconds: hasMuchToSend ? TransportSettings.slowCloseSeconds : TransportSettings.closeSeconds))
        recount(connection)
        // A hang-up that was watched for while it was parked would be reported again and again.
        setInterest(connection.interest.subtracting(.hangUp).union(.readable), of: connection)
        if connection.output.isEmpty { return sentLastByte(connection) }
        writer.markDirty(connection)
    }

    /// With all said, waits for the peer's end, so that a reset cannot overtake our last words.
    func sentLastByte(_ connection: Connection<Handler>) {
        if connection.flags.contains(.hasEndedInput) { return tearDown(connection) }
        Socket.finishWriting(connection.descriptor)
    }

    func tearDown(_ connection: Connection<Handler>) {
        guard connection.phase != .closed else { return }
        connection.exchange?.lookup?.ifAbandoned()
        connection.becomeClosed()
        Glibc.close(connection.descriptor)
        uncount(connection)
        table.retire(connection)
        writer.releaseOutput(of: connection)
        scheduleTrim()
    }

    /// Closes a connection that is in no table: none has taken it.
    func close(unwatched connection: Connection<Handler>) {
        endSession(of: connection)
        connection.becomeClosed()
        Glibc.close(connection.descriptor)
    }

    /// Takes a connection out of all that this loop counts.
    private func uncount(_ connection: Connection<Handler>) {
        connection.gauges.count(as: nil, in: counters)
        connection.gauges.countQueue(0, in: counters)
        count(connection, holding: 0)
        counters.openConnections.add(-1)
        group.sockets.add(-1, at: connection.listener)
    }

    /// After many have gone, gives their memory back to the system, once the crowd is through.
    private func scheduleTrim() {
        guard memory.connectionGone() else { return }
        timers.set(.trim, at: now + 2 * MonotonicClock.nanosecondsPerSecond)
    }

    // MARK: Moves

    /// Gives away those that move, unless they have been closed since that was decided.
    ///
    /// To be called when everything of the turn is flushed: from here on a connection is the other loop's.
    func processMoves() {
        for move in exits.takeMoves() {
            guard let migration = takeOut(move) else { continue }
            // That loop has ended meanwhile.
            guard let refused = group.mailboxes[move.target].post(.connection(migration)) else { continue }
            abandon(refused)
        }
    }

    /// Takes a connection out of everything that refers to it here.
    private func takeOut(_ move: ExitList<Handler>.Move) -> Migration<Handler>? {
        guard let connection = table[move.key], connection.reading == .moving else { return nil }
        precondition(!connection.flags.contains(.isDirty), "everything is flushed before connections move")
        poller.remove(connection.descriptor)
        uncount(connection)
        table.remove(move.key)
        connection.times.forgetCheck()
        connection.reading = .open
        connection.setOwner(nil)
        return Migration(connection, payload: move.payload)
    }

    /// Takes in a connection that another loop has given away, and handles what it has come for.
    func adopt(_ migration: consuming Migration<Handler>) {
        let connection = migration.connection
        guard enter(connection) else { return }
        if isStopping { return closeForShutdown(connection) }
        armCheck(connection)
        let before = clock.handledMessages
        let readAt = connection.times.lastReadAt
        if let payload = migration.payload { handle(payload, of: connection) }
        if !connection.output.isEmpty { writer.markDirty(connection) }
        workOff(connection)
        clock.delay(messagesSince: before, readAt: readAt)
    }

    private func handle(_ payload: Handler.Payload, of connection: Connection<Handler>) {
        switch connection.phase {
        case .http:
            resumeRequest(of: connection) { handler.answer(payload, of: connection, on: self) }
        case .webSocket:
            clock.messageHandled()
            handler.adopt(connection, with: payload, on: self)
        case .closing, .closed:
            preconditionFailure("what is closing stays where it is")
        }
    }

    /// Closes a connection that nobody takes any more.
    func abandon(_ message: LoopMessage<Handler>) {
        guard case .connection(let migration) = message else { return }
        migration.connection.setOwner(self)
        close(unwatched: migration.connection)
    }
}
