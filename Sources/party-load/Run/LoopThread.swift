internal import CLinux
internal import Glibc

/// The thread of one loop, which returns the loop's measurements when it ends.
@safe final class LoopThread {
    /// The thread's input and output.
    ///
    /// `@unchecked Sendable`: only the thread touches it while it runs, and its creator only before and after;
    /// `pthread_create` and `pthread_join` order the two.
    private final class Work: @unchecked Sendable {
        let plan: LoadPlan
        let share: LoopShare
        let control: RunControl
        var meter = LoopMeter()

        init(plan: LoadPlan, share: LoopShare, control: RunControl) {
            self.plan = plan
            self.share = share
            self.control = control
        }

        func run() {
            clinux_wake_precisely()
            if let loop = LoadLoop(plan: plan, share: share, control: control) {
                switch plan.shape {
                case .connect: ConnectRun(plan, share, loop, control).run()
                case .state, .input, .paced, .idle, .churn: TrafficRun(plan, share, loop, control).run()
                }
                control.finished.add(1)
                // The main thread reads the server's memory while the connections are still open.
                while !control.isReleased { loop.turn(until: loop.clock.patienceEnd) }
                meter = loop.meter
            } else {
                meter.failures.add(.connect, share.rooms)
                // The main thread must not wait for a loop that does not exist.
                control.ready.add(1)
                control.measured.add(1)
                control.finished.add(1)
            }
            control.ended.add(1)
        }
    }

    private let work: Work
    private var thread = pthread_t()

    /// - Returns: nil if the thread cannot be created.
    init?(plan: LoadPlan, share: LoopShare, control: RunControl) {
        work = Work(plan: plan, share: share, control: control)
        let argument = unsafe Unmanaged.passRetained(work)
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe clinux_name_thread("load")
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, argument.toOpaque())
        guard result == 0 else {
            unsafe argument.release()
            return nil
        }
    }

    /// Waits until the thread ends.
    func join() -> LoopMeter {
        pthread_join(thread, nil)
        return work.meter
    }
}
