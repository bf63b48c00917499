internal import NIOConcurrencyHelpers
internal import NIOCore

/// A member's connections, one after the other, as `RoomMachine` decides. It belongs to one event loop.
final class RoomConnection {
    private let loop: any EventLoop
    private let transport: Transport
    private let feed: EventFeed
    private let begun = NIODeadline.now()
    private var machine: RoomMachine
    private var attempt: Attempt?
    private var alarm: (time: Duration, task: Scheduled<Void>)?
    private var entrance: EventLoopPromise<NIOLockedValueBox<RoomView>>?
    private var view: NIOLockedValueBox<RoomView>?
    private var tickets: [Int: EventLoopPromise<String>] = [:]
    private var lastTicket = 0
    private var endings: [EventLoopPromise<Void>] = []
    private var isOver = false
    private var actions: [RoomMachine.Action] = []
    private var isActing = false

    /// - Parameter entrance: completed with what the member knows from then on, once it is in the room.
    init(
        _ machine: RoomMachine, on loop: any EventLoop, transport: Transport, feed: EventFeed,
        entrance: EventLoopPromise<NIOLockedValueBox<RoomView>>
    ) {
        self.machine = machine
        self.loop = loop
        self.transport = transport
        self.feed = feed
        self.entrance = entrance
    }

    private var now: Duration { .nanoseconds((NIODeadline.now() - begun).nanoseconds) }

    // MARK: What the program asks for

    func begin() { act(machine.begin(at: now)) }

    func send(_ message: ClientMessage, isOrder: Bool = false) { act(machine.send(message, isOrder: isOrder, at: now)) }

    func set(_ state: RawJSON) { act(machine.set(state, at: now)) }

    func leave(closesRoom: Bool) { act(machine.leave(closesRoom: closesRoom, at: now)) }

    func suspend() { act(machine.suspend(at: now)) }

    func resume() { act(machine.resume(at: now)) }

    func abandon() { act(machine.abandon()) }

    func requestTicket(for index: Int, _ promise: EventLoopPromise<String>) {
        lastTicket += 1
        tickets[lastTicket] = promise
        act(machine.requestTicket(lastTicket, for: index, at: now))
    }

    /// Completes the promise when it is over.
    func tellEnd(_ promise: EventLoopPromise<Void>) {
        if isOver { promise.succeed() } else { endings.append(promise) }
    }

    // MARK: What the connection does

    private func happened(_ event: Attempt.Event) {
        switch event {
        case .opened: act(machine.opened(at: now))
        case .refused(let status, let location, let retryAfter):
            act(machine.refused(status: status, location: location, retryAfter: retryAfter, at: now))
        case .heard: machine.heard(at: now)
        case .text(let text): act(machine.received(text, at: now))
        case .pong(let number): act(machine.ponged(number, at: now))
        case .writability(let isWritable): act(machine.writability(isWritable, at: now))
        case .ended(let error):
            attempt = nil
            act(machine.ended(error, at: now))
        }
    }

    // MARK: Actions

    /// Does what the machine has decided, in this order, also where one action causes the next event.
    private func act(_ more: [RoomMachine.Action]) {
        loop.assertInEventLoop()
        actions += more
        guard !isActing else { return }
        isActing = true
        while !actions.isEmpty { perform(actions.removeFirst()) }
        isActing = false
        if let known = machine.view { view?.withLockedValue { $0 = known } }
        setAlarm()
    }

    private func perform(_ action: RoomMachine.Action) {
        switch action {
        case .connect(let target):
            let attempt = Attempt(on: loop) { [weak self] in self?.happened($0) }
            self.attempt = attempt
            attempt.connect(to: target, transport)
        case .write(let message): attempt?.write(message.text)
        case .ping(let number): attempt?.ping(number)
        case .hangUp(let code):
            attempt?.hangUp(code)
            attempt = nil
        case .enter: enter()
        case .emit(let event): emit(event)
        case .answer(let number, let result):
            let promise = tickets.removeValue(forKey: number)
            switch result {
            case .success(let ticket): promise?.succeed(ticket)
            case .failure(let error): promise?.fail(error)
            }
        case .finish(let error): finish(error)
        }
    }

    private func enter() {
        guard let known = machine.view else { return }
        machine.options.store?.save(machine.clientID, known.code)
        let view = NIOLockedValueBox(known)
        self.view = view
        entrance?.succeed(view)
        entrance = nil
    }

    private func emit(_ event: RoomEvent) {
        // Whoever reads the event finds the room as it is since then.
        if let known = machine.view { view?.withLockedValue { $0 = known } }
        feed.emit(event)
    }

    private func finish(_ error: PartyError) {
        isOver = true
        if let known = machine.view { view?.withLockedValue { $0 = known } }
        entrance?.fail(error)
        entrance = nil
        feed.finish(error)
        for promise in endings { promise.succeed() }
        endings = []
    }

    private func setAlarm() {
        let wake = machine.wake
        // One that is too early does no harm, and most waits end with a message before their time.
        if let alarm, let wake, alarm.time <= wake { return }
        alarm?.task.cancel()
        alarm = nil
        guard let wake else { return }
        let deadline = begun + .nanoseconds(Int64(wake / .nanoseconds(1)))
        let bound = NIOLoopBound(self, eventLoop: loop)
        alarm = (wake, loop.scheduleTask(deadline: deadline) { bound.value.wakeUp() })
    }

    private func wakeUp() {
        alarm = nil
        act(machine.tick(at: now))
    }
}
