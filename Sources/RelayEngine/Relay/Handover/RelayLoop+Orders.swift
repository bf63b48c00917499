internal import NIOConcurrencyHelpers
internal import RelayCore
internal import RelayWire

/// The orders of machines that hand rooms over: `PUT` and `DELETE` of `/room/CODE?instance=ID`.
///
/// Whoever does not know the cluster's secret finds nothing there.
extension RelayLoop {
    /// The answer to a `PUT` or `DELETE`.
    func follow(
        _ head: RequestHead, at target: RequestTarget, in bytes: Span<UInt8>, of connection: RelayConnection,
        on loop: Loop
    ) -> Outcome {
        guard shared.configuration.clusterSecret != nil, connection.listener == .clients else {
            return .respond(.methodNotAllowed)
        }
        let body = bytes.extracting(head.body)
        guard let order = authenticOrder(head, at: target, in: bytes), order.isOf(body: body),
            shared.seenNonces.withLockedValue({ $0.admit(order.nonce, now: WallClock.second()) })
        else {
            counters.arrivals.add(1, for: .unauthentic)
            return .respond(.notFound)
        }
        let payload: Payload
        switch order.method {
        case .forget:
            payload = .recall(order.code, orderedAt: order.time)
        case .take:
            do throws(RoomRecordError) {
                payload = .arrival(try RoomRecord(decoding: body, of: order.code), orderedAt: order.time)
            } catch {
                return answer(.unreadable)
            }
        }
        let owner = shared.owner(of: order.code)
        if owner == loop.index { return follow(payload, on: loop) }
        return loop.isStopping ? answer(.draining) : .move(toLoop: owner, payload: payload)
    }

    /// Follows an order on the loop that owns the room.
    func follow(_ order: Payload, on loop: Loop) -> Outcome {
        switch order {
        case .arrival(let record, let time):
            guard !recalls.contains(record.code, after: time) else { return answer(.recalled) }
            return answer(receive(record, on: loop))
        case .recall(let code, let time):
            recalls.note(code, at: time)
            return .respond(forget(code, on: loop) ? .roomForgotten : .notFound)
        case .join, .create, .request:
            preconditionFailure("these are no orders")
        }
    }

    /// Only a signed order's body is read at all.
    func bodyLimit(
        of head: RequestHead, in bytes: Span<UInt8>, of connection: RelayConnection, on loop: Loop
    ) -> Int {
        guard head.method == .put, connection.listener == .clients, shared.configuration.clusterSecret != nil,
            let target = RequestTarget(bytes.extracting(head.target)),
            authenticOrder(head, at: target, in: bytes) != nil
        else { return 0 }
        return RoomRecord.maximumEncodedBytes
    }

    private func answer(_ arrival: Arrival) -> Outcome {
        counters.arrivals.add(1, for: arrival)
        return .respond(.arrival(arrival))
    }

    private func authenticOrder(
        _ head: RequestHead, at target: RequestTarget, in bytes: Span<UInt8>
    ) -> HandoverOrder? {
        guard let secret = shared.configuration.clusterSecret, let own = shared.configuration.identity.instance,
            let method = HandoverOrder.Method(head.method), target.pin == own.text,
            case .room(let code?) = target.endpoint
        else { return nil }
        let signature = HandoverSignature(method, code: code, target: own) { header in
            HeaderName(header.rawValue).flatMap { head.text($0, in: bytes) }
        }
        guard let signature, signature.verify(with: secret, now: WallClock.second()) == .authentic else {
            return nil
        }
        return signature.order
    }
}

extension HandoverOrder.Method {
    fileprivate init?(_ method: HTTPMethod) {
        switch method {
        case .put: self = .take
        case .delete: self = .forget
        case .get, .head, .options, .other: return nil
        }
    }
}
