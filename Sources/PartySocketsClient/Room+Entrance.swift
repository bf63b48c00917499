internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix

extension Room {
    /// Opens a new room. Its creator is the host, at index 0.
    ///
    /// - Parameters:
    ///   - relay: where the relay is: `wss://relay.example`, or ws, https, http. For the encrypted ones this package's
    ///     trait `TLS` must be on.
    ///   - maxClients: how many may be connected at once, the host included.
    ///   - controllerURL: the page that phones open, with `{room}` for the code and, if wanted, `{instance}`. The relay
    ///     takes https only, and http for localhost. It becomes `joinURL`, for everybody.
    ///   - hold: how long the place of a member is kept whose connection was lost; at most 600 s. Nil leaves it to the
    ///     relay.
    ///   - options: how to connect and come back.
    /// - Throws: `PartyError`: `serverFull`, `timeout`, `unreachable`, `invalidURL`, … Cancelled, it ends with `aborted`.
    public static func create(
        _ relay: String, maxClients: Int = 8, controllerURL: String? = nil, hold: Duration? = nil,
        options: RoomOptions = RoomOptions()
    ) async throws(PartyError) -> Room {
        let room = RoomOptions.NewRoom(maxClients: maxClients, controllerURL: controllerURL, hold: hold)
        return try await enter(.create(room), at: relay, options: options)
    }

    /// Takes a seat in a room, or one's own seat again.
    ///
    /// - Parameters:
    ///   - relay: where the relay is, as for `create`.
    ///   - code: the room's code, as typed; white space around it does not matter.
    ///   - ticket: a ticket of the host for one seat, which moves to this client.
    ///   - options: how to connect and come back.
    /// - Throws: `PartyError`: `roomNotFound`, `roomFull`, `roomLocked`, `notAllowed`, `ticketInvalid`, `timeout`, …
    ///   Cancelled, it ends with `aborted`.
    public static func join(
        _ relay: String, code: String, ticket: String? = nil, options: RoomOptions = RoomOptions()
    ) async throws(PartyError) -> Room {
        let isSpace: (Character) -> Bool = \.isWhitespace
        let typed = String(code.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        return try await enter(.join(typed), ticket: ticket, at: relay, options: options)
    }

    private static func enter(
        _ goal: RoomMachine.Goal, ticket: String? = nil, at relay: String, options: RoomOptions
    ) async throws(PartyError) -> Room {
        let url = try RelayURL(relay)
        let transport = try Transport(options, isSecure: url.isSecure)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let entrance = loop.makePromise(of: NIOLockedValueBox<RoomView>.self)
        let (events, feed) = RoomEvents.make(buffer: options.eventBuffer)
        let (id, isKnown) = identify(goal, options)
        let connection = await withCheckedContinuation { continuation in
            loop.execute {
                let machine = RoomMachine(
                    goal, ticket: ticket, at: url, as: id, isKnown: isKnown, options: options,
                    random: { Double.random(in: 0...1) })
                let connection = RoomConnection(machine, on: loop, transport: transport, feed: feed, entrance: entrance)
                continuation.resume(returning: NIOLoopBound(connection, eventLoop: loop))
            }
        }
        feed.onAbandon { loop.execute { connection.value.abandon() } }
        loop.execute { connection.value.begin() }
        let view = try await withTaskCancellationHandler {
            await entrance.futureResult.result()
        } onCancel: {
            loop.execute { connection.value.abandon() }
        }.get()
        return Room(connection, on: loop, as: id, view: view, events: events)
    }

    /// The secret, and whether it was kept from a visit before.
    private static func identify(_ goal: RoomMachine.Goal, _ options: RoomOptions) -> (ClientID, Bool) {
        if let id = options.clientID { return (id, false) }
        if case .join(let code) = goal, let id = options.store?.load(code) { return (id, true) }
        return (ClientID(), false)
    }
}

extension EventLoopFuture where Value: Sendable {
    /// The outcome, whose only failures are the client's own.
    func result() async -> Result<Value, PartyError> {
        do {
            return .success(try await get())
        } catch {
            return .failure(error as? PartyError ?? PartyError(.unreachable, "\(error)"))
        }
    }

    func value() async throws(PartyError) -> Value {
        try await result().get()
    }
}
