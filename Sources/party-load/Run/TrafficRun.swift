/// One loop's run in every shape but `connect`: connects the members, lets their traffic flow, and at the end waits for
/// the messages still in flight.
struct TrafficRun {
    private let loop: LoadLoop
    private let control: RunControl
    private let traffic: any Traffic

    init(_ plan: LoadPlan, _ share: LoopShare, _ loop: LoadLoop, _ control: RunControl) {
        self.loop = loop
        self.control = control
        traffic =
            switch plan.shape {
            case .state, .input: WindowedTraffic(plan, rooms: loop.rooms)
            case .paced: PacedTraffic(plan, share, rooms: loop.rooms)
            case .churn: ChurnTraffic(plan, rooms: loop.rooms)
            case .idle, .connect: RestingTraffic()
            }
    }

    func run() {
        loop.follow(traffic)
        loop.openAll(loop.rooms.map(\.host))
        loop.meter.opened = LoopMeter.Passage(count: loop.seated, nanoseconds: loop.clock.sinceStart)
        control.ready.add(1)
        guard let course = control.awaitCourse({ loop.turn(until: loop.clock.patienceEnd) }) else { return }
        loop.meter.count(dueIn: course.from..<course.until)
        traffic.begin(at: course.begin, loop)
        flow(until: course.from)
        loop.meter.open()
        flow(until: course.until)
        loop.meter.close()
        let end = max(course.from, control.end)
        loop.meter.reentered.nanoseconds = end - course.from
        loop.meter.count(dueIn: course.from..<end)
        drain()
    }

    /// Runs the traffic until the given time, or until the run is cut short or no member is left.
    private func flow(until wanted: UInt64) {
        while loop.seated > 0 {
            let end = min(wanted, control.end)
            guard loop.now < end else { return }
            loop.turn(until: min(end, traffic.nextDue))
        }
    }

    /// Waits for the messages in flight, and counts those that do not arrive as lost.
    private func drain() {
        traffic.stop()
        let end = loop.now + loop.clock.finalPatience(isCutShort: control.isCutShort)
        var missing = traffic.missing
        while missing > 0, loop.now < end {
            loop.turn(until: end)
            missing = traffic.missing
        }
        loop.meter.failures.add(.lost, missing)
    }
}
