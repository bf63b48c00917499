internal import RelayLimits
internal import RelayWire

extension SocketLoop {
    /// Handles the complete frames at the front of the bytes.
    func receiveFrames(in bytes: inout MutableSpan<UInt8>, of connection: Connection<Handler>, _ work: inout Work) {
        var budget = TransportSettings.framesPerTurn
        let rate = work.isDraining ? TokenRate(perSecond: 0, burst: 0) : reader.rate
        let lastSend = writer.queuedFrames + share.sends
        let lastCopy = writer.copiedBytes + TransportSettings.copiedBytesPerTurn
        while work.consumed < bytes.count, connection.reading == .open {
            guard budget > 0, writer.queuedFrames < lastSend, writer.copiedBytes < lastCopy else {
                return work.next = .yield
            }
            budget -= 1
            guard connection.bucket.nanosecondsUntilReady(at: rate, now: now) == 0 else {
                return work.next = .pause
            }
            do throws(WebSocketViolation) {
                guard let event = try connection.parser?.next(in: &bytes, at: &work.consumed) else { return }
                if case .needsMore = event { return }
                _ = connection.bucket.take(at: rate, now: now)
                guard receive(event, in: bytes.span, of: connection, &work) else { return }
            } catch {
                if error.code == .messageTooBig { limitExceeded(.messageBytes) }
                closeLater(connection, .close(error.code, reason: error.reason))
            }
        }
    }

    /// - Returns: false if another loop must handle the message: the connection moves.
    @inline(__always)
    private func receive(
        _ event: MessageParser.Event, in bytes: Span<UInt8>, of connection: Connection<Handler>, _ work: inout Work
    ) -> Bool {
        switch event {
        case .message(let kind, .inPlace(let range)):
            return deliver(bytes.extracting(range), kind, of: connection, &work)
        case .message(let kind, .assembled):
            let message = connection.parser?.takeAssembled() ?? []
            return deliver(message.span, kind, of: connection, &work)
        case .ping(let range):
            pong(bytes.extracting(range), to: connection)
        case .close(let payload):
            let reason = String(decoding: payload.reason.map { bytes[$0] }, as: UTF8.self)
            closeLater(connection, .echo(payload.code, reason: reason))
        case .needsMore, .fragment, .pong:
            break
        }
        return true
    }

    private func deliver(
        _ message: Span<UInt8>, _ kind: MessageKind, of connection: Connection<Handler>, _ work: inout Work
    ) -> Bool {
        counters.messagesReceived.add(1)
        switch handler.receive(message, kind, from: connection, on: self) {
        case .stay:
            clock.messageHandled()
            return true
        case .move(let target, let payload):
            work.next = .move(toLoop: target, payload: payload)
            return false
        }
    }

    private func pong(_ payload: Span<UInt8>, to connection: Connection<Handler>) {
        var frame: [UInt8] = []
        FrameWriter.append(.pong, payload: payload, to: &frame)
        unsafe frame.withUnsafeBytes { unsafe send($0, to: connection) }
    }

    /// - Parameter output: what is before the ping.
    func ping(_ connection: Connection<Handler>, behind output: SendProgress) {
        var frame: [UInt8] = []
        FrameWriter.append(.ping, payload: Span<UInt8>(), to: &frame)
        unsafe frame.withUnsafeBytes { unsafe send($0, to: connection) }
        connection.times.pinged(at: now, bytes: frame.count, behind: output)
    }
}
