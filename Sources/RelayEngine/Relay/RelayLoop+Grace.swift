internal import RelayCore

extension RelayLoop {
    /// Begins the host's grace time: it has left a room that goes on, and may come back.
    func startGrace(of room: LiveRoom, absence: Int, on loop: Loop) {
        let grace = shared.configuration.hostGrace
        guard grace > 0 else { return }
        room.absence = absence
        room.graceEnd = loop.moment(seconds: grace)
        if !room.hasGraceTimer { setGraceTimer(of: room, on: loop) }
    }

    /// Ends the room if the grace time of the host's latest absence is over; since the timer was set, the host may have
    /// come back and left again.
    func graceTimerFired(in code: RoomCode, on loop: Loop) {
        guard let room = rooms[code] else { return }
        room.hasGraceTimer = false
        guard room.state.hostGraceExpired(absence: room.absence) else { return }
        if room.graceEnd > loop.now {
            setGraceTimer(of: room, on: loop)
        } else {
            close(room, on: loop)
        }
    }

    private func setGraceTimer(of room: LiveRoom, on loop: Loop) {
        room.hasGraceTimer = true
        loop.set(.grace(room.state.code), at: room.graceEnd)
    }
}
