internal import RelayCore
internal import RelayWire

extension RelayLoop {
    /// Refuses a handshake: counted and logged whatever the reason, since the client itself often says nothing.
    func refuse(
        _ refusal: HandshakeRefusal, with response: HTTPResponse, detail: String? = nil, origin: String? = nil,
        on loop: Loop
    ) -> Outcome {
        counters.handshakesRefused.add(1, for: refusal)
        shared.handshakeLog.refused(refusal, detail: detail, origin: origin, now: loop.now)
        return .respond(response)
    }

    /// Refuses a handshake that is none by its form.
    func refuse(_ failure: HTTPFailure, on loop: Loop) -> Outcome {
        refuse(HandshakeRefusal(failure), with: failure.response, detail: failure.reason, on: loop)
    }

    /// Refuses a page that `ALLOWED_ORIGINS` does not name.
    func refuse(origin: String, on loop: Loop) -> Outcome {
        counters.limitsExceeded.add(1, for: .allowedOrigins)
        return refuse(.origin, with: .originNotAllowed, origin: origin, on: loop)
    }

    /// Refuses a request that comes too late: this loop, or the one that it belongs to, is about to end.
    func refuseAsStopping(_ request: Request, on loop: Loop) -> Outcome {
        request.upgrade == nil ? .respond(.serverDraining) : refuse(.stopping, with: .serverDraining, on: loop)
    }
}
