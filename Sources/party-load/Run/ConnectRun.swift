/// One loop's run in the shape `connect`, in two parts: rooms fill up and empty again until enough connections have come
/// and gone; then all rooms are filled, and all guests are cut off at once and rejoin.
struct ConnectRun {
    private let loop: LoadLoop
    private let control: RunControl
    private let traffic: ConnectingTraffic
    /// The number of connections that have to come and go.
    private let wanted: Int
    private let hasGuests: Bool

    init(_ plan: LoadPlan, _ share: LoopShare, _ loop: LoadLoop, _ control: RunControl) {
        self.loop = loop
        self.control = control
        traffic = ConnectingTraffic(plan, rooms: Array(loop.rooms.prefix(share.inFlight)))
        wanted = share.rooms * plan.members
        hasGuests = plan.members > 1
    }

    func run() {
        loop.follow(traffic)
        control.ready.add(1)
        guard let course = control.awaitCourse({ loop.turn(until: loop.clock.patienceEnd) }) else {
            return control.measured.add(1)
        }
        traffic.begin(at: course.begin, loop)
        loop.noteProgress()
        cycle { loop.now >= course.from }
        let start = loop.now
        loop.meter.open()
        cycle { traffic.completed >= wanted }
        loop.meter.close()
        loop.meter.opened = LoopMeter.Passage(count: traffic.completed, nanoseconds: loop.now - start)
        loop.meter.entered.nanoseconds = loop.now - start
        traffic.stop()
        awaitGoodbyes()
        control.measured.add(1)
        // The main thread reads the server's processor time before the second part begins.
        while !control.isMeasured, !control.isCutShort { loop.turn(until: loop.clock.patienceEnd) }
        if traffic.canGoOn, !control.isCutShort, hasGuests { reclaim() }
    }

    /// Takes turns until the condition holds or every room is broken.
    private func cycle(until isDone: () -> Bool) {
        loop.turn { !isDone() && traffic.canGoOn }
    }

    /// Waits until open connections have ended, and hangs up those that remain.
    private func awaitGoodbyes() {
        let start = loop.now
        while loop.isOpening || traffic.missing > 0 {
            let end = start + loop.clock.finalPatience(isCutShort: control.isCutShort)
            guard loop.now < end else { break }
            loop.turn(until: end)
        }
        for member in loop.members where member.isConnected {
            if member.phase == .leaving { loop.meter.failures.add(.errors) }
            loop.hangUp(member)
        }
        for room in loop.rooms { room.forgetCode() }
    }

    /// Fills all rooms, cuts off all guests at once, and measures how fast they take their slots back. The hosts stay,
    /// since a room without a connected member ends.
    private func reclaim() {
        loop.follow(RestingTraffic())
        loop.openAll(loop.rooms.map(\.host))
        let guests = loop.members.filter { !$0.isHost && $0.phase == .seated }
        for guest in guests { loop.hangUp(guest) }
        loop.readClock()
        let start = loop.now
        let before = loop.seated
        loop.openAll(guests)
        loop.meter.reentered = LoopMeter.Passage(count: loop.seated - before, nanoseconds: loop.now - start)
    }
}
