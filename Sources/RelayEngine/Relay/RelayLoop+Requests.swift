internal import RelayCore
internal import RelayWire

extension RelayLoop {
    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection, on loop: SocketLoop
    ) -> RequestOutcome {
        guard let target = RequestTarget(bytes.extracting(head.target)) else {
            return .respond(HTTPFailure.malformedTarget.response)
        }
        switch head.method {
        case .options: return .respond(.preflight)
        case .other: return .respond(.methodNotAllowed)
        case .get, .head: break
        }
        if connection.entrance == .operators { return .respond(answerOperator(target.endpoint)) }
        do throws(HTTPFailure) {
            var upgrade: OpeningHandshake.Acceptance?
            if head.isWebSocketUpgrade, target.endpoint.acceptsUpgrade {
                upgrade = try OpeningHandshake.check(head, in: bytes)
                guard isAllowedOrigin(head.text(.origin, in: bytes)) else {
                    loop.struck(.allowedOrigins)
                    return .respond(.originNotAllowed)
                }
            }
            return route(Request(head: head, target: target, upgrade: upgrade), in: bytes, of: connection, on: loop)
        } catch {
            return .respond(error.response)
        }
    }

    /// A request that is well-formed, and the answer to its handshake if it is an upgrade.
    struct Request {
        let head: RequestHead
        let target: RequestTarget
        let upgrade: OpeningHandshake.Acceptance?
    }

    private func route(
        _ request: Request, in bytes: Span<UInt8>, of connection: Connection, on loop: SocketLoop
    ) -> RequestOutcome {
        let route = RouteRequest(
            target: request.target, isUpgrade: request.upgrade != nil,
            replaySource: request.head.value(.flyReplaySource, in: bytes).map {
                FlyReplaySource(bytes.extracting($0))
            },
            isFallback: request.head.value(.flyReplayFailed, in: bytes) != nil,
            // Only a sibling's question is asked about it, which is no upgrade.
            isDirect: request.upgrade == nil && connection.peer.isLocal && !request.head.isFromProxy(in: bytes))
        switch RouteDecision.decide(
            route, at: shared.configuration.identity, drain: shared.admission.drainState(now: loop.now))
        {
        case .replay(let replay):
            return self.replay(replay, ReplayKind(replay))
        case .redirect(let location):
            if route.isFallback { counters.replayFallbacks.add(1) }
            return .respond(.redirect(to: location))
        case .serve:
            if let move = moveToOwner(of: request, from: loop) { return move }
            // Counted where it is answered: on the way there it may be read several times.
            if route.isFallback, isRouting { counters.replayFallbacks.add(1) }
            return serve(request, in: bytes, of: connection, on: loop)
        case .findRoom(let code):
            return moveToOwner(of: request, from: loop)
                ?? findRoom(code, for: request, in: bytes, of: connection, on: loop)
        }
    }

    /// Asks the proxy to deliver the request elsewhere.
    func replay(_ replay: FlyReplay, _ kind: ReplayKind) -> RequestOutcome {
        counters.replays.add(1, for: kind)
        return .respond(.replay(replay))
    }

    /// Without routing a header of the proxy's is a client's word.
    private var isRouting: Bool { shared.configuration.identity.isRoutingOn }

    /// Has the request answered by the loop that owns the room it names, if that is another one.
    private func moveToOwner(of request: Request, from loop: SocketLoop) -> RequestOutcome? {
        guard let code = request.target.endpoint.homeOfRoom else { return nil }
        let owner = shared.owner(of: code)
        if owner == loop.index { return nil }
        // It may have ended already, or be about to.
        return loop.isStopping ? .respond(.serverDraining) : .move(toLoop: owner)
    }

    /// Answers a request from what this machine has.
    func serve(
        _ request: Request, in bytes: Span<UInt8>, of connection: Connection, on loop: SocketLoop
    ) -> RequestOutcome {
        let address = clientAddress(request.head, in: bytes, of: connection)
        if let upgrade = request.upgrade {
            guard !loop.isStopping else { return .respond(.serverDraining) }
            guard shared.admission.admitConnection() else {
                loop.struck(.connections)
                return .respond(.serverFull)
            }
            // Cut, since the session keeps it for the connection's life.
            let origin = OriginTable.label(for: request.head.text(.origin, in: bytes) ?? "unknown")
            let id = shared.origins.connectionOpened(from: origin)
            return .upgrade(upgrade, RelaySession(origin: id, originLabel: origin, address: address))
        }
        switch request.target.endpoint {
        case .health: return .respond(shared.service.health())
        case .ready: return .respond(ready())
        case .metrics: return .respond(shared.configuration.metricsPort == nil ? metrics() : .notFound)
        case .room(let code): return .respond(describeRoom(code, to: address, on: loop))
        case .code, .other:
            return .respond(shared.service.front(rooms: shared.admission.roomCount, clients: shared.clients))
        }
    }

    /// Answers what came in at the operators' port: about this machine, wherever else the target points.
    private func answerOperator(_ endpoint: Endpoint) -> HTTPResponse {
        switch endpoint {
        case .health: shared.service.health()
        case .ready: ready()
        case .metrics: metrics()
        case .room, .code, .other: .notFound
        }
    }

    private func ready() -> HTTPResponse {
        shared.service.ready(isDraining: shared.admission.isDraining)
    }

    private func metrics() -> HTTPResponse {
        shared.service.metrics(shared.statistics())
    }

    private func describeRoom(_ code: RoomCode?, to address: ClientAddress, on loop: SocketLoop) -> HTTPResponse {
        if let room = code.flatMap({ rooms[$0] }) {
            return shared.service.room(
                RoomSummary(
                    clients: room.state.seats.count, maxClients: room.state.maxClients, origin: room.originLabel,
                    url: room.state.url))
        }
        guard shared.admission.recordMiss(from: address, now: loop.now) else {
            loop.struck(.missesPerMinute)
            return shared.service.tooManyAttempts()
        }
        return shared.service.room(nil)
    }

    /// The client's own address: as a trusted proxy names it, else as the socket does.
    func clientAddress(_ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection) -> ClientAddress {
        // Of a list the last: the proxy next to us has added it, what stands before it is anybody's word.
        guard let header = shared.configuration.clientIPHeader,
            let last = head.elements(of: header, in: bytes).last
        else { return connection.peer }
        return ClientAddress(bytes.extracting(last)) ?? connection.peer
    }

    private func isAllowedOrigin(_ origin: String?) -> Bool {
        guard let allowed = shared.configuration.allowedOrigins, let origin else { return true }
        return allowed.contains(origin)
    }
}

extension RequestHead {
    /// Whether a proxy has passed the request on: each leaves at least one of these behind.
    fileprivate func isFromProxy(in bytes: Span<UInt8>) -> Bool {
        let marks: [HeaderName] = [.xForwardedFor, .flyForwardedPort, .flyClientIP, .forwarded, .via]
        return marks.contains { contains($0, in: bytes) }
    }
}

extension ReplayKind {
    /// Of a replay that the request alone has caused.
    fileprivate init(_ replay: FlyReplay) {
        switch replay {
        case .instance: self = .pin
        case .region: self = .region
        case .elsewhere: self = .elsewhere
        }
    }
}
