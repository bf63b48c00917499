internal import NIOCore
internal import RelayCore

/// The connections to one sibling that takes rooms: a few, which are kept while there are rooms to give.
///
/// Loop-bound.
final class HandoverLink {
    private let sibling: InstanceID
    private let directory: PeerDirectory
    private let limits: ClusterLimits
    private let loop: any EventLoop
    private var open: [ObjectIdentifier: HandoverConnection] = [:]
    private var idle: [HandoverConnection] = []
    private var waiting: [HandoverExchange] = []
    private var isStopped = false

    init(to sibling: InstanceID, in directory: PeerDirectory, limits: ClusterLimits, on loop: any EventLoop) {
        self.sibling = sibling
        self.directory = directory
        self.limits = limits
        self.loop = loop
    }

    /// Sends a request as soon as a connection is free.
    func send(_ exchange: HandoverExchange) {
        guard !isStopped else { return exchange.end(.unreachable("shut down")) }
        waiting.append(exchange)
        pump()
    }

    /// Ends all connections, and all that waits for them.
    func stop() {
        isStopped = true
        let waiting = waiting
        self.waiting = []
        for connection in open.values { connection.end("shut down") }
        for exchange in waiting { exchange.end(.unreachable("shut down")) }
    }

    private func pump() {
        waiting.removeAll { !$0.isOpen }
        while !waiting.isEmpty, !isStopped {
            if let connection = idle.popLast() {
                connection.send(waiting.removeFirst())
            } else if open.count < limits.connectionsPerTaker {
                connect(for: waiting.removeFirst())
            } else {
                return
            }
        }
    }

    private func connect(for exchange: HandoverExchange) {
        let connection = HandoverConnection(to: sibling, isKept: true, on: loop)
        open[ObjectIdentifier(connection)] = connection
        connection.onIdle = { [unowned self, unowned connection] in
            idle.append(connection)
            pump()
        }
        connection.onEnd = { [unowned self, unowned connection] in ended(connection) }
        // Until it carries the request.
        exchange.onStop = { connection.end("given up") }
        directory.addresses(of: sibling, for: connection) { [headStart = limits.addressHeadStart] addresses in
            guard exchange.isOpen else { return }
            connection.open(at: addresses ?? [], headStart: headStart, for: exchange)
        }
    }

    private func ended(_ connection: HandoverConnection) {
        directory.forget(connection, waitingFor: sibling)
        open[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
        // Whatever has ended this one, the others may have ended as well and not said so yet.
        for other in idle { other.end("its like has ended") }
        pump()
    }
}
