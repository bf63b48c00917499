internal import Glibc

/// Connections that change loops, with all they have received and all that is still to be sent to them.
extension SocketLoop {
    /// Gives away those that move, unless they have been closed since that was decided.
    ///
    /// To be called when everything of the turn is flushed: from here on the connection is the other loop's.
    func processMoves() {
        for move in exits.takeMoves() {
            guard isMoving(move.key) else { continue }
            let migration = takeOut(move.key, cargo: move.cargo)
            guard let refused = group.mailboxes[move.target].post(.connection(migration)) else { continue }
            abandon(refused)
        }
    }

    private func isMoving(_ key: ConnectionKey) -> Bool {
        connection(key)?.reading == .moving
    }

    /// Takes a connection out of everything that refers to it here.
    private func takeOut(_ key: ConnectionKey, cargo: any ConnectionCargo) -> Migration {
        guard let connection = connection(key) else { preconditionFailure("what moves is in the table") }
        precondition(!connection.isDirty, "everything is flushed before connections move")
        poller.remove(connection.descriptor)
        removeFromTable(connection)
        connection.checkAt = .max
        connection.reading = .open
        connection.setOwner(nil)
        return Migration(connection, cargo: cargo)
    }

    /// Takes in a connection that another loop has given away, and handles what it has come for.
    func adopt(_ migration: consuming Migration) {
        let connection = migration.connection
        let isOpen = connection.phase == .webSocket
        guard enter(connection) else {
            connection.setOwner(self)
            if isOpen { handler.closed(connection, on: self) }
            return
        }
        if isStopping { return sendOff(connection) }
        armCheck(connection)
        noteLate(connection) {
            if let cargo = migration.cargo { handle(cargo, of: connection) }
            if !connection.output.isEmpty { markDirty(connection) }
            workOff(connection)
        }
    }

    private func handle(_ cargo: any ConnectionCargo, of connection: Connection) {
        switch connection.phase {
        case .http:
            resumeRequest(of: connection) { handler.answer(cargo, of: connection, on: self) }
        case .webSocket:
            messagesOfTurn.fresh += 1
            handler.adopt(connection, cargo: cargo, on: self)
        case .closing, .closed:
            preconditionFailure("what is closing stays where it is")
        }
    }

    /// Closes a connection whose new loop has ended meanwhile.
    func abandon(_ message: LoopMessage) {
        guard case .connection(let migration) = message else { return }
        let connection = migration.connection
        connection.setOwner(self)
        if connection.phase == .webSocket { handler.closed(connection, on: self) }
        connection.session = nil
        connection.phase = .closed
        Glibc.close(connection.descriptor)
    }
}
