internal import CLinux

extension SocketLoop {
    /// Sets a timer of the handler's.
    package func set(_ timer: HandlerTimer, at moment: UInt64) {
        timers.set(.handler(timer), at: moment)
    }

    /// Sets, or with nil takes away, the moment at which `deadlinePassed` is called for a WebSocket.
    package func setDeadline(_ connection: Connection, seconds: Int?) {
        connection.assertOwned(by: self)
        connection.deadline = moment(seconds: seconds ?? 0)
        armCheck(connection)
    }

    /// The moment so many seconds from now; 0 is never.
    package func moment(seconds: Int) -> UInt64 {
        guard seconds > 0 else { return .max }
        let (span, overflows) = UInt64(seconds).multipliedReportingOverflow(by: MonotonicClock.nanosecondsPerSecond)
        let (moment, isLater) = now.addingReportingOverflow(span)
        return overflows || isLater ? .max : moment
    }

    func fireTimers() {
        while let (event, deadline) = timers.popDue(now: now) {
            switch event {
            case .check(let key):
                guard let connection = connection(key), connection.checkAt == deadline else { continue }
                connection.checkAt = .max
                check(connection)
            case .resume(let key):
                if let connection = connection(key) { resume(connection) }
            case .resumeAccepting(let entrance):
                resumeAccepting(at: entrance)
            case .farewell:
                sendOffDue()
            case .trim:
                goneSinceTrim = 0
                clinux_heap_trim()
            case .handler(let timer):
                handler.timerFired(timer, on: self)
            }
            reap()
        }
    }

    /// Makes sure that the connection is looked at when its next deadline passes.
    ///
    /// One entry a connection as a rule: an earlier one is set only when the deadline has moved closer, and a later
    /// deadline is found by the entry that is there.
    func armCheck(_ connection: Connection) {
        connection.assertOwned(by: self)
        var next = connection.deadline
        switch connection.phase {
        case .webSocket: next = min(next, silenceDeadline(of: connection))
        // Looked at often enough that no request's deadline lies before the next look.
        case .http: next = min(next, moment(seconds: settings.handshakeTimeout))
        case .closing, .closed: break
        }
        guard next < connection.checkAt else { return }
        connection.checkAt = next
        timers.set(.check(connection.key), at: next)
    }

    private func silenceDeadline(of connection: Connection) -> UInt64 {
        guard settings.idleTimeout > 0 else { return .max }
        return max(connection.pingedAt, connection.heardAt) + halfIdleTimeout
    }

    private var halfIdleTimeout: UInt64 {
        UInt64(settings.idleTimeout) * MonotonicClock.nanosecondsPerSecond / 2
    }

    private func check(_ connection: Connection) {
        guard !connection.reading.isLeaving, connection.phase != .closed else { return }
        if connection.deadline <= now {
            deadlinePassed(connection)
        } else if connection.phase == .webSocket {
            checkSilence(of: connection)
        }
        if !connection.reading.isLeaving, connection.phase != .closed { armCheck(connection) }
    }

    private func checkSilence(of connection: Connection) {
        guard settings.idleTimeout > 0, silenceDeadline(of: connection) <= now, connection.reading != .throttled else {
            if connection.reading == .throttled { connection.heardAt = now }
            return
        }
        if connection.pingedAt == 0 || now < graceUntil {
            ping(connection)
        } else {
            counters.idleDrops.add(1)
            doom(connection, .abort)
        }
    }

    private func deadlinePassed(_ connection: Connection) {
        connection.deadline = .max
        switch connection.phase {
        case .http where connection.reading == .parked:
            struck(.siblingSearch)
            resumeParked(connection, with: nil)
        case .http:
            let isResting = connection.exchange.map { $0.hasAnswered && !$0.isUnderWay } ?? false
            if !isResting { struck(.handshakeTimeout) }
            doom(connection, .abort)
        case .webSocket:
            handler.deadlinePassed(connection, on: self)
        case .closing:
            tearDown(connection)
        case .closed:
            break
        }
    }
}
