extension LoadLoop {
    /// `connect`: first rooms that fill up and empty again, for a number of connections; then as many connections at the
    /// same time, of which all guests are cut off at once and come back.
    func runConnecting() {
        let cycling = ConnectingTraffic(plan, rooms: Array(rooms.prefix(share.inFlight)))
        traffic = cycling
        control.ready.add(1)
        guard let course = awaitCourse() else { return control.measured.add(1) }
        cycling.begin(at: course.begin, self)
        lastProgress = now
        cycle(cycling) { $0.now >= course.from }
        let start = now
        meter.open()
        cycle(cycling) { _ in cycling.completed >= share.rooms * plan.members }
        meter.close()
        meter.opened = LoopMeter.Passage(count: cycling.completed, nanoseconds: now - start)
        meter.entered.nanoseconds = now - start
        cycling.stop(self)
        awaitGoodbyes(cycling)
        control.measured.add(1)
        // The server's processor time of all that is read before the next begins.
        while !control.isMeasured, !control.isCutShort { turn(until: now + patience) }
        if cycling.canGoOn, !control.isCutShort, plan.members > 1 { reclaim() }
    }

    /// Goes on until the condition holds, or there is nothing that could go on.
    private func cycle(_ traffic: ConnectingTraffic, until isDone: (LoadLoop) -> Bool) {
        while !isDone(self), traffic.canGoOn, !control.isCutShort {
            turn(until: now + patience)
            guard now < lastProgress + patience else { return giveUpOpening() }
        }
    }

    /// Lets the connections end that are under way.
    private func awaitGoodbyes(_ cycling: ConnectingTraffic) {
        let start = now
        while isOpening || cycling.missing(self) > 0, now < start + finalPatience { turn(until: start + finalPatience) }
        for member in members where member.phase != .away {
            if member.phase == .leaving { meter.failures.errors += 1 }
            hangUp(member)
        }
        for room in rooms { room.forgetCode() }
    }

    /// All guests lose their connection at the same time, and take their slots back by their identity. Hosts stay, as a
    /// room in which nobody is connected ends.
    private func reclaim() {
        traffic = RestingTraffic()
        openAll(rooms.map(\.host))
        let guests = members.filter { !$0.isHost && $0.phase == .seated }
        for guest in guests { hangUp(guest) }
        now = Clocks.monotonic()
        let start = now
        let before = seated
        openAll(guests)
        meter.reentered = LoopMeter.Passage(count: seated - before, nanoseconds: now - start)
    }
}
