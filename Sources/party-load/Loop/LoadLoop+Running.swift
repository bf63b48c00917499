internal import CLinux

extension LoadLoop {
    /// The whole run, on the loop's own thread.
    func run() {
        clinux_wake_precisely()
        runTraffic()
        control.finished.add(1)
        // The server's memory is read while the connections are there.
        while !control.isReleased { turn(until: now + LoadLoop.patience) }
    }

    private func runTraffic() {
        traffic = makeTraffic()
        openAll(rooms.map(\.host))
        meter.opened = LoopMeter.Passage(count: seated, nanoseconds: now - startedAt)
        control.ready.add(1)
        guard let course = awaitCourse() else { return }
        counted = course.from..<course.until
        traffic?.begin(at: course.begin, self)
        flow(until: course.from)
        meter.open()
        flow(until: course.until)
        meter.close()
        counted = course.from..<max(course.from, control.end)
        drain()
    }

    private func makeTraffic() -> any Traffic {
        switch plan.shape {
        case .paced: PacedTraffic(plan, rooms: rooms)
        default: WindowedTraffic(plan, rooms: rooms)
        }
    }

    /// Waits for the other loops; nil if there is to be no traffic.
    private func awaitCourse() -> RunControl.Course? {
        while true {
            if control.isInterrupted { return nil }
            if let course = control.course { return course }
            turn(until: now + LoadLoop.patience)
        }
    }

    /// Lets the traffic run until a time, or an interruption before it.
    private func flow(until wanted: UInt64) {
        while true {
            let end = min(wanted, control.end)
            guard now < end else { return }
            turn(until: min(end, traffic?.nextDue ?? .max))
        }
    }

    /// Waits for the messages that are under way.
    private func drain() {
        guard let traffic else { return }
        traffic.stop(self)
        let end = now + LoadLoop.drainPatience
        var missing = traffic.missing(self)
        while missing > 0, now < end {
            turn(until: end)
            missing = traffic.missing(self)
        }
        meter.failures.lost += missing
    }

    /// Whether what was to happen at this time counts.
    @inline(__always)
    func counts(_ time: UInt64) -> Bool {
        counted.contains(time)
    }
}
