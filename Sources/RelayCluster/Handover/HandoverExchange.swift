internal import NIOCore
internal import NIOHTTP1
internal import RelayCore

/// One request of a handover to a sibling, with its answer.
///
/// Loop-bound. It ends by its deadline at the latest, and reports its reply exactly once.
final class HandoverExchange {
    struct Request {
        let method: HTTPMethod
        let path: String
        var headers: [(name: String, value: String)] = []
        var body: [UInt8] = []
    }

    enum Reply {
        case head(HTTPResponseHead)
        /// The request has not left.
        case unreachable(String)
        /// The request, or part of it, has left, and the connection has ended or brought no HTTP.
        case broken(String)
        /// The request has left, and time is up.
        case silent
    }

    let request: Request
    /// True from the moment on at which the sibling may have some of the request.
    var hasLeft = false
    /// Called when the exchange ends while it is under way.
    var onStop: () -> Void = {}
    private var onEnd: ((Reply) -> Void)?
    private var timer: Scheduled<Void>?

    init(
        _ request: Request, deadline: NIODeadline, on loop: any EventLoop, onEnd: @escaping (Reply) -> Void
    ) {
        self.request = request
        self.onEnd = onEnd
        timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in self?.stop() }
    }

    var isOpen: Bool { onEnd != nil }

    /// Waits no longer: whatever comes is too late.
    func stop() {
        guard isOpen else { return }
        let (hadLeft, onStop) = (hasLeft, onStop)
        self.onStop = {}
        onStop()
        end(hadLeft ? .silent : .unreachable("no connection in time"))
    }

    func end(_ reply: Reply) {
        guard let onEnd else { return }
        self.onEnd = nil
        onStop = {}
        timer?.cancel()
        onEnd(reply)
    }
}
