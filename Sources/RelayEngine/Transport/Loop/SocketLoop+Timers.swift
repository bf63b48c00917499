internal import RelayWire

extension SocketLoop {
    /// Sets one of the handler's timers.
    package func set(_ timer: Handler.Timer, at moment: UInt64) {
        timers.set(.handler(timer), at: moment)
    }

    /// Sets the moment at which `deadlinePassed` is called for a WebSocket; nil removes it.
    package func setDeadline(_ connection: Connection<Handler>, seconds: Int?) {
        setDeadline(of: connection, at: moment(seconds: seconds ?? 0))
    }

    func setDeadline(of connection: Connection<Handler>, at moment: UInt64) {
        connection.times.deadline = moment
        armCheck(connection)
    }

    /// The moment this many seconds from now; 0 is never.
    package func moment(seconds: Int) -> UInt64 {
        clock.moment(inSeconds: seconds)
    }

    /// Goes on after the pauses that are over.
    func endRests() {
        var ended = 0
        while ended < TransportSettings.timersPerTurn || !clock.isSpent, let (event, _) = rests.popDue(now: now) {
            ended += 1
            switch event {
            case .read(let key):
                if let connection = table[key] { resume(connection) }
            case .accept(let role):
                resumeAccepting(at: role)
            case .trim:
                trim()
            }
            finishStep()
        }
    }

    func fireTimers() {
        var fired = 0
        while fired < TransportSettings.timersPerTurn || !clock.isSpent,
            let (event, deadline) = timers.popDue(now: clock.due)
        {
            fired += 1
            switch event {
            case .check(let key):
                guard let connection = table[key], connection.times.checkFired(deadline) else { continue }
                check(connection)
            case .shutdown:
                continueShutdown()
            case .handler(let timer):
                handler.timerFired(timer, on: self)
            }
            finishStep()
        }
    }

    /// Makes sure that the connection is checked when its next deadline passes.
    func armCheck(_ connection: Connection<Handler>) {
        connection.assertOwned(by: self)
        var next = connection.times.deadline
        switch connection.phase {
        case .webSocket: next = min(next, connection.times.silenceEnds(idleTimeout: settings.idleTimeout))
        // Checked often enough that no request's deadline lies before the next check.
        case .http: next = min(next, moment(seconds: settings.handshakeTimeout))
        case .closing, .closed: break
        }
        if connection.times.arm(next) { timers.set(.check(connection.key), at: next) }
    }

    private func check(_ connection: Connection<Handler>) {
        guard !connection.reading.isLeaving, connection.phase != .closed else { return }
        if connection.times.deadline <= now {
            deadlinePassed(connection)
        } else if connection.phase == .webSocket {
            checkSilence(of: connection)
        }
        if !connection.reading.isLeaving, connection.phase != .closed { armCheck(connection) }
    }

    private func checkSilence(of connection: Connection<Handler>) {
        // Silence counts only while the connection is read.
        guard !connection.reading.isPaused else { return connection.times.waitEnded(at: now) }
        guard connection.times.silenceEnds(idleTimeout: settings.idleTimeout) <= now else { return }
        let output = Socket.progress(of: connection.descriptor, queued: connection.output.count)
        switch connection.times.judgeSilence(at: now, idleTimeout: settings.idleTimeout, output) {
        case .goesOn:
            break
        case .ping:
            ping(connection, behind: output)
        case .isOver where clock.areIdleChecksSuspended, .isOverWithOutput where clock.areIdleChecksSuspended:
            ping(connection, behind: output)
        case .isOver:
            counters.idleDrops.add(1)
            closeLater(connection, .abort)
        case .isOverWithOutput:
            counters.idleDrops.add(1)
            close(connection, .tooSlow, reason: "too slow")
        }
    }

    private func deadlinePassed(_ connection: Connection<Handler>) {
        connection.times.deadline = .max
        switch connection.phase {
        case .http where connection.reading == .parked:
            limitExceeded(.lookupTimeout)
            resumeParked(connection, with: nil)
        case .http:
            let isResting = connection.exchange.map { $0.hasAnswered && !$0.isUnderWay } ?? false
            if connection.reading == .stalled {
                limitExceeded(.queuedBytes)
            } else if !isResting {
                limitExceeded(.handshakeTimeout)
            }
            closeLater(connection, .abort)
        case .webSocket:
            handler.deadlinePassed(connection, on: self)
        case .closing:
            closeTakesLong(connection)
        case .closed:
            break
        }
    }

    /// Ends a close that has not come to its end in time, unless the peer still reads what it was sent.
    private func closeTakesLong(_ connection: Connection<Handler>) {
        let seconds = UInt64(TransportSettings.closeSeconds) * MonotonicClock.nanosecondsPerSecond
        let output = Socket.progress(of: connection.descriptor, queued: connection.output.count)
        if connection.times.mayGoOnClosing(at: now, for: seconds, output) {
            connection.times.deadline = now + seconds
        } else {
            tearDown(connection)
        }
    }
}
