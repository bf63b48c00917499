internal import NIOCore
internal import NIOHTTP1

/// Reads the answer to an upgrade that was refused.
final class RefusalReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let attempt: Attempt

    init(_ attempt: Attempt) {
        self.attempt = attempt
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        // Seconds; a date, which is allowed too, is not worth a calendar.
        let wait = head.headers.first(name: "Retry-After").flatMap(Int.init).map { min(max($0, 0), 3_600) }
        attempt.tell(
            .refused(
                status: Int(head.status.code), location: head.headers.first(name: "Location"),
                retryAfter: wait.map { .seconds($0) }))
    }
}
