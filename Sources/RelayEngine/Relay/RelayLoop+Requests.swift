internal import NIOConcurrencyHelpers
internal import RelayCore
internal import RelayLimits
internal import RelayWire

extension RelayLoop {
    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: RelayConnection, on loop: Loop
    ) -> Outcome {
        guard var target = RequestTarget(bytes.extracting(head.target)) else {
            let failure = HTTPFailure.malformedTarget
            return OpeningHandshake.isMeant(by: head, in: bytes)
                ? refuse(failure, on: loop) : .respond(failure.response)
        }
        switch head.method {
        case .options: return .respond(.preflight)
        case .put, .delete: return follow(head, at: target, in: bytes, of: connection, on: loop)
        case .other: return .respond(.methodNotAllowed)
        case .get, .head: break
        }
        if connection.listener == .admin { return .respond(answerAdmin(target.endpoint)) }
        do throws(HTTPFailure) {
            let isHandshake = target.endpoint.acceptsUpgrade && OpeningHandshake.isMeant(by: head, in: bytes)
            let upgrade = isHandshake ? try OpeningHandshake.check(head, in: bytes) : nil
            let origin = isHandshake ? head.text(.origin, in: bytes).flatMap { $0.isEmpty ? nil : $0 } : nil
            // Only pages are bound by it: what is no browser may claim any origin.
            if let origin, let allowed = shared.configuration.allowedOrigins, !allowed.contains(origin) {
                return refuse(origin: origin, on: loop)
            }
            if case .file(let file) = target.endpoint {
                if upgrade == nil, serves(file) {
                    return .respond(shared.service.file(file) { $0.isNamed(by: head, in: bytes) })
                }
                target = target.withoutEndpoint
            }
            var routed = RouteRequest(
                target: target, isUpgrade: upgrade != nil,
                replaySource: head.value(.flyReplaySource, in: bytes).map { FlyReplaySource(bytes.extracting($0)) },
                isFallback: head.value(.flyReplayFailed, in: bytes) != nil,
                // Matters only for a sibling's probe, which is not an upgrade.
                isDirect: upgrade == nil && connection.peer.isLocal && !head.isFromProxy(in: bytes))
            let isProbe = routed.isProbe(of: shared.configuration.identity)
            // A sibling knows what it asks for.
            if !isProbe { routed.target = shared.typedCodes.meant(target, bytes.extracting(head.target)) }
            let request = Request(
                endpoint: routed.target.endpoint, upgrade: upgrade,
                originLabel: OriginTable.label(for: origin ?? "unknown"),
                caller: caller(of: head, in: bytes, on: connection, isUpgrade: upgrade != nil), isProbe: isProbe,
                mayBeSentToNewHome: routed.mayBeSentToNewHome)
            return route(request, routed, on: loop)
        } catch {
            return refuse(error, on: loop)
        }
    }

    /// Answers a request that another loop has parsed and routed; this loop owns its room.
    func answer(_ payload: Payload, of connection: RelayConnection, on loop: Loop) -> Outcome {
        guard case .request(let request, let search) = payload else { return follow(payload, on: loop) }
        return serve(request, searchedFor: search, on: loop)
    }

    /// Routes a request. This happens once: neither a move to another loop nor a lookup repeats it.
    private func route(_ request: Request, _ route: RouteRequest, on loop: Loop) -> Outcome {
        if route.isFallback, let pin = route.target.pin.flatMap(InstanceID.init), isRouting {
            shared.unreachable.withLockedValue {
                $0.note(pin, until: loop.moment(seconds: UnreachableMachines.seconds), now: loop.now)
            }
        }
        switch RouteDecision.decide(
            route, at: shared.configuration.identity, drain: shared.admission.drainState(now: loop.now),
            isListed: { isListed($0, on: loop) })
        {
        case .replay(let replay):
            return self.replay(replay, ReplayKind(replay))
        case .redirect(let location):
            if route.isFallback { counters.replayFallbacks.add(1) }
            return .respond(.redirect(to: location))
        case .serve:
            var request = request
            if route.isFallback, isRouting {
                counters.replayFallbacks.add(1)
                // Whoever was to be asked for its room could not be reached.
                if request.upgrade != nil, let code = route.target.endpoint.homeOfRoom {
                    request.search = .undecided(code)
                }
            }
            return serveAtOwner(request, searchedFor: nil, from: loop)
        case .findRoom(let code, let step):
            return serveAtOwner(request, searchedFor: RoomSearch(code: code, ifFound: step), from: loop)
        }
    }

    /// False for a machine that the list does not name, or that a proxy has just failed to reach.
    private func isListed(_ machine: InstanceID, on loop: Loop) -> Bool? {
        if shared.unreachable.withLockedValue({ $0.contains(machine, now: loop.now) }) { return false }
        return shared.isListed?(machine)
    }

    /// Asks the proxy to deliver the request elsewhere.
    func replay(_ replay: FlyReplay, _ kind: ReplayKind) -> Outcome {
        counters.replays.add(1, for: kind)
        return .respond(.replay(replay))
    }

    /// True with routing on; without it, a proxy header comes from a client and is not trusted.
    var isRouting: Bool { shared.configuration.identity.isRoutingOn }

    /// Serves the request on the loop that owns its room: this one, or another.
    ///
    /// - Parameter search: the search for the room if it is not here.
    private func serveAtOwner(_ request: Request, searchedFor search: RoomSearch?, from loop: Loop) -> Outcome {
        let owner = request.endpoint.homeOfRoom.map { shared.owner(of: $0) } ?? loop.index
        guard owner != loop.index else { return serve(request, searchedFor: search, on: loop) }
        // The other loop may have ended already, or be about to.
        if loop.isStopping { return refuseAsStopping(request, on: loop) }
        return .move(toLoop: owner, payload: .request(request, search: search))
    }

    private func serve(_ request: Request, searchedFor search: RoomSearch?, on loop: Loop) -> Outcome {
        if let answer = sendToNewHome(request, on: loop) { return answer }
        if let search { return find(search, for: request, on: loop) }
        return serve(request, on: loop)
    }

    /// Answers a request from this machine's own state.
    func serve(_ request: Request, on loop: Loop) -> Outcome {
        if let upgrade = request.upgrade {
            guard !loop.isStopping else { return refuseAsStopping(request, on: loop) }
            if let limit = limitOfConnections(reachedBy: request.caller) {
                return refuse(.full, with: .serverFull, detail: limit.rawValue, on: loop)
            }
            let origin = shared.origins.connectionOpened(from: request.originLabel)
            return .upgrade(upgrade, RelaySession(origin: origin, request: request))
        }
        switch request.endpoint {
        case .health: return .respond(shared.service.health())
        case .ready: return .respond(ready())
        case .metrics: return .respond(shared.configuration.metricsPort == nil ? metrics() : .notFound)
        case .room(let code): return .respond(describeRoom(code, for: request, on: loop))
        case .code, .file, .other:
            return .respond(shared.service.front(rooms: shared.admission.roomCount, clients: shared.clients))
        }
    }

    private func serves(_ file: ServedFile) -> Bool {
        file != .demo || shared.configuration.servesDemo
    }

    /// Answers a request at the admin port, always about this machine: it is never routed.
    private func answerAdmin(_ endpoint: Endpoint) -> HTTPResponse {
        switch endpoint {
        case .health: shared.service.health()
        case .ready: ready()
        case .metrics: metrics()
        case .room, .code, .file, .other: .notFound
        }
    }

    private func ready() -> HTTPResponse {
        shared.service.ready(shared.admission.readiness, takesRooms: shared.takesRooms)
    }

    private func metrics() -> HTTPResponse {
        shared.service.metrics(shared.statistics())
    }

    private func describeRoom(_ code: RoomCode?, for request: Request, on loop: Loop) -> HTTPResponse {
        let room = code.flatMap { request.isProbe ? rooms[$0] : livingRoom($0) }
        guard mayLearn(of: room, request.search, request.caller, on: loop) else {
            return tooManyAttempts(by: request.caller, on: loop)
        }
        let summary = room.map {
            RoomSummary(
                clients: $0.state.seats.count, maxClients: $0.state.maxClients, origin: $0.origin.label,
                url: $0.state.url, held: $0.state.heldPlaces(now: loop.now), isLocked: $0.state.isLocked)
        }
        return shared.service.room(summary)
    }
}

extension ReplayKind {
    /// The kind of a replay that follows from the request alone.
    fileprivate init(_ replay: FlyReplay) {
        switch replay {
        case .instance: self = .pin
        case .newHome: self = .newHome
        case .region: self = .region
        case .elsewhere: self = .elsewhere
        }
    }
}
