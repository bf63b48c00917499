internal import Glibc
package import RelayWire

extension SocketLoop {
    /// Decides to close a connection. Nothing more is read from it or queued for it; the rest happens at the end of the
    /// step, when no caller is in the middle of a room.
    package func close(_ connection: Connection<Handler>, _ code: CloseCode, reason: String) {
        closeLater(connection, .close(code, reason: reason))
    }

    func closeLater(_ connection: Connection<Handler>, _ ending: Ending) {
        connection.assertOwned(by: self)
        guard connection.reading != .ending, connection.phase != .closed else { return }
        connection.reading = .ending
        exits.add(.close(ending), of: connection)
    }

    /// Decides to close a connection without a word, even one that is on its way out: what it has left to say would wait
    /// for a readiness that nobody reports any more.
    func abortLater(_ connection: Connection<Handler>) {
        guard connection.phase != .closed else { return }
        connection.reading = .ending
        exits.add(.close(.abort), of: connection)
    }

    /// Processes all closes. Notifying the other members may add more; each connection can be added only a few times.
    func processExits() {
        while let exit = exits.takeClose() { end(exit.connection, exit.ending) }
    }

    private func end(_ connection: Connection<Handler>, _ ending: Ending) {
        guard connection.phase != .closed else { return }
        endSession(of: connection, ending)
        switch ending {
        case .abort:
            tearDown(connection)
        case .finish:
            startClosing(connection)
        case .echo(let code, let reason):
            counters.closes.add(1, for: CloseReason(code))
            writer.queueClose(code, reason: reason, to: connection)
            startClosing(connection)
        case .close(let code, let reason):
            counters.closes.add(1, for: CloseReason(code))
            // A slow reader gets the rest of the frame that it has begun to read, and then the close frame.
            if code == .tooSlow { writer.dropUnsentFrames(of: connection) }
            writer.queueClose(code, reason: reason, to: connection)
            startClosing(connection)
        }
    }

    /// Tells the handler that a WebSocket has ended.
    private func endSession(of connection: Connection<Handler>, _ ending: Ending) {
        guard connection.phase == .webSocket else { return }
        if logsDetails { logDetail("connection closed", of: connection, ending.details) }
        handler.closed(connection, ending.departure, on: self)
        connection.endSession()
    }

    private func startClosing(_ connection: Connection<Handler>) {
        connection.beginClosing()
        connection.phaseGauge.count(as: .closing, in: counters)
        let hasMuchToSend = connection.output.count > TransportSettings.bulkBytes
        setDeadline(
            of: connection,
            at: moment(seconds: hasMuchToSend ? TransportSettings.slowCloseSeconds : TransportSettings.closeSeconds))
        recount(connection)
        // A parked connection is watched for a hang-up, which would now be reported again and again.
        setInterest(connection.interest.subtracting(.hangUp).union(.readable), of: connection)
        if connection.output.isEmpty { return sentLastByte(connection) }
        writer.markDirty(connection)
    }

    /// Closes the sending side after the last byte, and waits for the peer to close, so that a reset cannot overtake
    /// the last bytes.
    func sentLastByte(_ connection: Connection<Handler>) {
        if connection.flags.contains(.hasEndedInput) || !Socket.finishWriting(connection.descriptor) {
            tearDown(connection)
        }
    }

    func tearDown(_ connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        guard connection.phase != .closed else { return }
        closeSocket(of: connection)
        uncount(connection)
        table.retire(connection)
        writer.releaseOutput(of: connection)
        memory.connectionGone()
    }

    /// Closes a connection that is in no table.
    func close(unwatched connection: Connection<Handler>) {
        endSession(of: connection, .close(.serviceRestart, reason: "service restart"))
        closeSocket(of: connection)
    }

    private func closeSocket(of connection: Connection<Handler>) {
        connection.becomeClosed()
        Glibc.close(connection.descriptor)
        group.peers.closed(connection.peer, at: connection.listener)
    }

    /// Removes a connection from all of this loop's gauges.
    private func uncount(_ connection: Connection<Handler>) {
        connection.phaseGauge.count(as: nil, in: counters)
        connection.gauges.countQueue(0, in: counters)
        count(connection, holding: 0)
        countConnections(-1)
        group.sockets.add(-1, at: connection.listener)
    }

    // MARK: Moves

    /// Hands the moving connections to their new loops, unless they have been closed since that was decided.
    ///
    /// Called when all output of the turn is flushed: from here on the other loop owns the connection.
    func processMoves() {
        for move in exits.takeMoves() {
            // Refused if that loop has ended meanwhile, or cannot be woken up.
            if let migration = takeOut(move), let refused = group.mailboxes[move.target].post(.connection(migration)) {
                abandon(refused)
            }
            // The handler may have told others of one that was closed instead.
            if exits.hasCloses || writer.hasDirty { settle() }
        }
    }

    /// Removes a connection from everything that refers to it in this loop.
    private func takeOut(_ move: ExitList<Handler>.Move) -> Migration<Handler>? {
        guard let connection = table[move.key], connection.reading == .moving else { return nil }
        precondition(!connection.flags.contains(.isDirty), "everything is flushed before connections move")
        precondition(connection.output.sharedBytes == 0, "a shared frame is counted by its own loop, and stays there")
        guard poller.remove(connection.descriptor) else {
            // Watched here as well as there it would keep this loop awake; its end takes it out of both.
            closeLater(connection, .abort)
            return nil
        }
        uncount(connection)
        table.remove(move.key)
        connection.times.forgetCheck()
        connection.reading = .open
        connection.flags.remove(.isBulk)
        connection.setOwner(nil)
        return Migration(connection, payload: move.payload)
    }

    /// Adopts a connection from another loop, and handles the payload that it came with.
    func adopt(_ migration: consuming Migration<Handler>) {
        let connection = migration.connection
        guard enter(connection) else { return }
        if isStopping { return closeForShutdown(connection) }
        armCheck(connection)
        countingDelay(of: connection) {
            if let payload = migration.payload { handle(payload, of: connection) }
            if !connection.output.isEmpty { writer.markDirty(connection) }
            workOff(connection)
        }
    }

    private func handle(_ payload: Handler.Payload, of connection: Connection<Handler>) {
        switch connection.phase {
        case .http:
            resumeRequest(of: connection) { handler.answer(payload, of: connection, on: self) }
        case .webSocket:
            clock.messageHandled()
            handler.adopt(connection, with: payload, on: self)
        case .closing, .closed:
            preconditionFailure("a closing connection does not move")
        }
    }

    /// Ends what was to come of a message that no loop handles any more.
    func abandon(_ message: LoopMessage<Handler>) {
        switch message {
        case .connection(let migration):
            migration.connection.setOwner(self)
            close(unwatched: migration.connection)
        case .command(let command):
            handler.dropped(command)
        case .lookupDone, .shedLoad, .shedStaleInput, .shutdown:
            break
        }
    }
}
