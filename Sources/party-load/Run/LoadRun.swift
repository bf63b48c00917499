internal import Glibc

/// One run from its start to its report: starts the loops, tells them when the measured time begins and ends, and samples
/// the server's process.
struct LoadRun {
    let plan: LoadPlan
    let server: SocketAddress
    let sources: [SocketAddress]
    let process: ServerProcess?
    let progress: Progress

    private static let pause: UInt64 = 20_000_000

    /// Blocks until the run is over.
    func run() -> LoadReport {
        let signals = InterruptSignals()
        let control = RunControl()
        let memoryBefore = process?.residentBytes
        let threads = (0..<plan.threads).compactMap { LoopThread(plan: plan, share: share($0), control: control) }
        var course: RunControl.Course?
        var isInterrupted = false
        var (processorAtStart, processorAtEnd): (Double?, Double?)

        /// Waits until the condition holds, the time is up, or all loops have ended.
        func wait(until condition: () -> Bool, atMost end: UInt64 = .max) {
            while !condition(), control.ended.current < threads.count {
                let now = Clocks.monotonic()
                guard now < end else { return }
                if signals.wait(nanoseconds: min(end - now, LoadRun.pause)) {
                    isInterrupted = true
                    control.cutShort(at: Clocks.monotonic())
                }
                progress.show(control, course: course, plan)
            }
        }

        wait(until: { control.ready.current >= threads.count })
        // Without a single connection there is no traffic to wait for.
        if plan.shape != .connect, control.connections.current == 0 { control.cutShort(at: Clocks.monotonic()) }
        if !control.isCutShort {
            let begin = Clocks.monotonic()
            let from = begin + Clocks.nanoseconds(plan.warmup)
            let until = plan.shape == .connect ? UInt64.max : from + Clocks.nanoseconds(plan.seconds)
            let started = RunControl.Course(begin: begin, from: from, until: until)
            control.start(started)
            course = started
            let isOver = { control.isCutShort || control.finished.current >= threads.count }
            wait(until: isOver, atMost: started.from)
            processorAtStart = process?.processorSeconds
            wait(until: { isOver() || control.measured.current >= threads.count }, atMost: started.until)
            if plan.shape != .connect, isOver() { control.cutShort(at: Clocks.monotonic()) }
        }
        processorAtEnd = process?.processorSeconds
        let memoryAfter = process?.residentBytes
        control.endMeasuring()
        wait(until: { control.finished.current >= threads.count })
        control.release()
        let meters = threads.map { $0.join() }
        progress.clear()

        var meter = LoopMeter()
        for part in meters { meter += part }
        if threads.count < plan.threads { meter.failures.add(.connect, plan.threads - threads.count) }
        let counted =
            plan.shape == .connect
            ? meter.opened.nanoseconds : course.map { max(control.end, $0.from) - $0.from } ?? 0
        let busiest = meters.map(\.processorNanoseconds).max() ?? 0
        return LoadReport(
            plan: plan, meter: meter, seconds: Double(counted) / Clocks.second,
            busiestShare: counted > 0 ? Double(busiest) / Double(counted) : 0,
            server: process.map { process in
                LoadReport.ServerUse(
                    identifier: process.identifier,
                    processorSeconds: processorAtEnd.flatMap { end in processorAtStart.map { end - $0 } },
                    residentBytesBefore: memoryBefore, residentBytesAfter: memoryAfter)
            },
            isInterrupted: isInterrupted)
    }

    /// One loop's share: rooms and handshakes are divided evenly.
    private func share(_ place: Int) -> LoopShare {
        func part(of count: Int) -> Int { count / plan.threads + (place < count % plan.threads ? 1 : 0) }
        return LoopShare(
            rooms: part(of: plan.roomCount), inFlight: max(part(of: plan.inFlight), 1),
            name: "\(UInt64.random(in: 0 ... .max))-\(place)", place: place, loops: plan.threads, server: server,
            sources: sources)
    }
}
