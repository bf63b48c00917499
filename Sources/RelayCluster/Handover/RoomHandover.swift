internal import NIOCore
internal import RelayCore

/// The handover of one room, from the search for a sibling that takes rooms to its yes.
///
/// Loop-bound. It ends within its time limit, reports its result exactly once, and leaves nothing behind but a request
/// to forget the room where one may have been left.
final class RoomHandover {
    let room: HandoverSender.Room
    private let sender: HandoverSender
    private let takers: RoomTakers
    private let limits: ClusterLimits
    private let loop: any EventLoop
    private var course: HandoverCourse
    private var deadline = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    private var request: HandoverExchange?
    private var onEnd: ((HandoverResult) -> Void)?

    init(
        of room: HandoverSender.Room, after former: InstanceID?, by sender: HandoverSender, to takers: RoomTakers,
        limits: ClusterLimits,
        on loop: any EventLoop
    ) {
        self.room = room
        course = HandoverCourse(former: former)
        self.sender = sender
        self.takers = takers
        self.limits = limits
        self.loop = loop
    }

    func start(onEnd: @escaping (HandoverResult) -> Void) {
        self.onEnd = onEnd
        deadline = .now() + limits.handover
        timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.abandon(.timedOut) }
        takers.ask(for: self) { [unowned self] in perform(course.found($0)) }
    }

    /// Ends it with this result, unless it has ended before; a sibling that may have the room is told to forget it.
    func abandon(_ result: HandoverResult) {
        guard onEnd != nil else { return }
        let action = course.abandoned(result)
        let request = request
        self.request = nil
        request?.stop()
        perform(action)
    }

    private func perform(_ action: HandoverCourse.Action) {
        guard onEnd != nil else { return }
        switch action {
        case .give(let sibling):
            give(to: sibling)
        case .turn(let former, let next):
            sender.forget(room, at: former)
            give(to: next)
        case .end(let result, let former):
            if let former { sender.forget(room, at: former) }
            end(result)
        }
    }

    private func give(to sibling: InstanceID) {
        request = sender.give(room, to: sibling, deadline: min(deadline, .now() + limits.handoverAttempt)) {
            [weak self] answer in
            guard let self, onEnd != nil, request != nil else { return }
            request = nil
            let action = course.answered(answer)
            if !action.staysWith(sibling) { takers.doubt(sibling) }
            perform(action)
        }
    }

    private func end(_ result: HandoverResult) {
        guard let onEnd else { return }
        self.onEnd = nil
        timer?.cancel()
        takers.forget(self)
        onEnd(result)
    }
}
