internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import RelayCore

/// Sends signed orders to siblings: to take a room, and to forget it again.
///
/// Loop-bound.
final class HandoverSender {
    /// A room that travels.
    struct Room {
        let code: RoomCode
        let record: [UInt8]
        let secret: ClusterSecret
    }

    private let directory: PeerDirectory
    private let limits: ClusterLimits
    private let loop: any EventLoop
    private var links: [InstanceID: HandoverLink] = [:]
    private var generator = SystemRandomNumberGenerator()

    init(in directory: PeerDirectory, limits: ClusterLimits, on loop: any EventLoop) {
        self.directory = directory
        self.limits = limits
        self.loop = loop
    }

    /// - Parameter onEnd: called once, and not before this returns.
    func give(
        _ room: Room, to sibling: InstanceID, deadline: NIODeadline,
        onEnd: @escaping (HandoverCourse.Answer) -> Void
    ) -> HandoverExchange {
        let exchange = HandoverExchange(
            request(.take, room, sibling, body: room.record), deadline: deadline, on: loop
        ) { [loop, directory] reply in
            if reply.isOfOther(than: sibling) { directory.distrust(sibling) }
            loop.assumeIsolated().execute { onEnd(HandoverCourse.Answer(reply, from: sibling)) }
        }
        link(to: sibling).send(exchange)
        return exchange
    }

    /// Tells a sibling to forget a room that it may have.
    ///
    /// - Parameter onEnd: called once, when it has answered or its time is up.
    func forget(_ room: Room, at sibling: InstanceID, onEnd: @escaping () -> Void = {}) {
        let exchange = HandoverExchange(
            request(.forget, room, sibling, body: []), deadline: .now() + limits.handoverAttempt, on: loop
        ) { _ in onEnd() }
        link(to: sibling).send(exchange)
    }

    /// Ends all connections and requests.
    func stop() {
        for link in links.values { link.stop() }
    }

    private func request(
        _ method: HandoverOrder.Method, _ room: Room, _ sibling: InstanceID, body: [UInt8]
    ) -> HandoverExchange.Request {
        let order = HandoverOrder(
            method, code: room.code, target: sibling, time: time(nil),
            nonce: HandoverOrder.Nonce(using: &generator), body: body.span)
        return HandoverExchange.Request(
            method: method == .take ? .PUT : .DELETE, path: "/room/\(room.code)",
            headers: HandoverSignature(order, with: room.secret).headers, body: body)
    }

    private func link(to sibling: InstanceID) -> HandoverLink {
        if let link = links[sibling] { return link }
        let link = HandoverLink(to: sibling, in: directory, limits: limits, on: loop)
        links[sibling] = link
        return link
    }
}
