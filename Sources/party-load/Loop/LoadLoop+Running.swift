internal import CLinux

extension LoadLoop {
    /// The whole run, on the loop's own thread.
    func run() {
        clinux_wake_precisely()
        if plan.shape == .connect { runConnecting() } else { runTraffic() }
        control.finished.add(1)
        // The server's memory is read while the connections are there.
        while !control.isReleased { turn(until: now + patience) }
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
        meter.reentered.nanoseconds = max(course.from, control.end) - course.from
        counted = course.from..<max(course.from, control.end)
        drain()
    }

    private func makeTraffic() -> any Traffic {
        switch plan.shape {
        case .state, .input: WindowedTraffic(plan, rooms: rooms)
        case .paced: PacedTraffic(plan, rooms: rooms)
        case .churn: ChurnTraffic(plan, rooms: rooms)
        case .idle, .connect: RestingTraffic()
        }
    }

    /// Waits for the other loops; nil if there is to be no traffic.
    func awaitCourse() -> RunControl.Course? {
        while true {
            if control.isCutShort { return nil }
            if let course = control.course { return course }
            turn(until: now + patience)
        }
    }

    /// Lets the traffic run until a time, unless the run is cut short or nobody is left.
    private func flow(until wanted: UInt64) {
        while seated > 0 {
            let end = min(wanted, control.end)
            guard now < end else { return }
            turn(until: min(end, traffic?.nextDue ?? .max))
        }
    }

    /// What is under way at the end is waited for so long. Who cuts a run short wants to see it end.
    var finalPatience: UInt64 { control.isCutShort ? min(patience, Clocks.nanoseconds(1)) : patience }

    /// Waits for the messages that are under way.
    private func drain() {
        guard let traffic else { return }
        traffic.stop(self)
        let end = now + finalPatience
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
