internal import RelayLimits
internal import RelayWire

extension SocketLoop {
    /// Answers the requests at the front of the bytes, up to one that upgrades, moves or is parked.
    func answerRequests(in bytes: inout MutableSpan<UInt8>, of connection: Connection<Handler>, _ work: inout Work) {
        var budget = TransportSettings.requestsPerTurn
        while work.consumed < bytes.count, connection.phase == .http, !connection.reading.isLeaving {
            guard let exchange = connection.exchange else { return }
            let hasShare = !exchange.hasLongAnswers || clock.hasTimeForLongAnswer
            guard connection.refusedBytes == 0 else { return work.next = .stall }
            guard budget > 0, hasShare else { return work.next = .yield }
            budget -= 1
            guard connection.bucket.nanosecondsUntilReady(at: reader.rate, now: now) == 0 else {
                return work.next = .pause
            }

            let rest = bytes.span.extracting(work.consumed...)
            do throws(HTTPFailure) {
                guard let head = try nextRequest(in: rest, of: connection, exchange) else { return }
                _ = connection.bucket.take(at: reader.rate, now: now)
                work.consumed += head.body.upperBound
                work.hasAnswered = true
                let outcome = handler.answer(head, in: rest, of: connection, on: self)
                work.next = carryOut(outcome, to: PendingRequest(head), of: connection)
                guard case .read = work.next else { return }
            } catch {
                if error.status == .headTooLarge { limitExceeded(.requestHeadBytes) }
                refuse(error, on: connection)
            }
        }
    }

    /// The request at the front of the bytes, with its body if the handler wants it; nil if more bytes are needed.
    private func nextRequest(
        in bytes: Span<UInt8>, of connection: Connection<Handler>, _ exchange: HTTPExchange<Handler>
    ) throws(HTTPFailure) -> RequestHead? {
        if let head = exchange.headOfBody {
            guard let request = head.withBody(in: bytes) else { return nil }
            exchange.headOfBody = nil
            return request
        }
        guard let head = try exchange.parser.parse(bytes) else { return nil }
        guard head.hasBody else { return head }
        let limit = handler.bodyLimit(of: head, in: bytes, of: connection, on: self)
        guard limit > 0 else { return head }
        guard let length = head.bodyLength else { throw .bodyLengthMissing }
        guard length <= limit else { throw .bodyTooLarge }
        if let request = head.withBody(in: bytes) { return request }
        exchange.headOfBody = head
        if head.expectsContinue(in: bytes) { writer.queueOpaque(InterimResponse.goOn, to: connection) }
        return nil
    }

    /// - Returns: the step that must come before more input of the connection is handled.
    func carryOut(_ outcome: RequestOutcome<Handler>, to request: PendingRequest, of connection: Connection<Handler>)
        -> Work.Next
    {
        switch outcome {
        case .respond(let response):
            connection.exchange?.hasAnswered = true
            respond(response, to: request, on: connection)
            return .read
        case .upgrade(let acceptance, let session):
            upgrade(connection, acceptance, session)
            return .read
        case .move(let target, let payload):
            connection.exchange?.pending = request
            return .move(toLoop: target, payload: payload)
        case .park(let parking):
            connection.exchange?.pending = request
            return .park(parking)
        }
    }

    private func respond(_ response: HTTPResponse, to request: PendingRequest, on connection: Connection<Handler>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(TransportSettings.usualHeadBytes + response.body.count)
        date.advance(to: WallClock.second())
        response.append(to: &bytes, framing: request.framing, date: date)
        if response.body.count >= TransportSettings.longAnswerBytes {
            clock.longAnswerGiven(bytes: response.body.count)
            connection.exchange?.hasLongAnswers = true
        }
        writer.queueOpaque(bytes, to: connection)
        // Also closed behind a body that is not read: its bytes could not be told from a request.
        if !request.framing.isKeepAlive { closeLater(connection, .finish) }
    }

    private func refuse(_ failure: HTTPFailure, on connection: Connection<Handler>) {
        counters.badRequests.add(1)
        var bytes: [UInt8] = []
        date.advance(to: WallClock.second())
        failure.response.append(to: &bytes, isHead: false, isKeepAlive: false, date: date)
        writer.queueOpaque(bytes, to: connection)
        closeLater(connection, .finish)
    }

    private func upgrade(
        _ connection: Connection<Handler>, _ acceptance: OpeningHandshake.Acceptance, _ session: Handler.Session
    ) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(TransportSettings.usualHeadBytes)
        date.advance(to: WallClock.second())
        acceptance.append(to: &bytes, date: date)
        writer.queueOpaque(bytes, to: connection)
        connection.becomeWebSocket(
            MessageParser(role: .server, maxMessageBytes: settings.maxMessageBytes), session: session)
        connection.times.deadline = .max
        connection.phaseGauge.count(as: .webSocket, in: counters)
        handler.opened(connection, on: self)
        armCheck(connection)
    }

    /// Sets the deadline of the request in progress, or of the rest before the next one.
    func noteRequestProgress(_ connection: Connection<Handler>, didAnswer: Bool) {
        guard let exchange = connection.exchange else { return }
        let isUnderWay = !connection.input.isEmpty
        guard didAnswer || isUnderWay != exchange.isUnderWay else { return }
        exchange.isUnderWay = isUnderWay
        if !isUnderWay {
            connection.times.deadline = now + TransportSettings.keepAliveSeconds * MonotonicClock.nanosecondsPerSecond
        } else if exchange.hasAnswered {
            connection.times.deadline = moment(seconds: settings.handshakeTimeout)
        }
        armCheck(connection)
    }
}
