internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket

/// A WebSocket to the deployment, as a game or a player's phone holds one.
package final class LiveSocket: Sendable {
    /// The client and its address, for failure messages.
    package let place: String
    private let patience: Duration
    private let channel: any Channel
    private let heard: AsyncStream<Heard>

    fileprivate init(_ place: String, patience: Duration, channel: any Channel, heard: AsyncStream<Heard>) {
        self.place = place
        self.patience = patience
        self.channel = channel
        self.heard = heard
    }

    /// Sends a text message. A failure shows when the test reads.
    package func send(_ text: String) {
        write(.text, ByteBuffer(string: text))
    }

    /// The next message, or how the connection ended.
    package func hear(expecting expected: String) async throws -> Heard {
        try await within(patience, at: place, expecting: expected) { [heard] in
            for await next in heard { return next }
            // Cancelled, or read beyond the end.
            return .end(nil)
        }
    }

    /// Sends a close frame, and ends the connection.
    package func leave() {
        close(1000)
        channel.close(promise: nil)
    }

    /// Sends a close frame with this code. The answer is there to be read.
    package func close(_ code: Int) {
        var payload = ByteBuffer()
        payload.writeInteger(UInt16(code))
        write(.connectionClose, payload)
    }

    /// Ends the connection without a close frame, like a phone that was switched off.
    package func vanish() {
        channel.close(promise: nil)
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
        channel.writeAndFlush(
            WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: payload), promise: nil)
    }
}

extension Site {
    /// The outcome of an upgrade.
    package enum Upgrade: Sendable {
        case opened(LiveSocket)
        case refused(Reply)
    }

    /// Asks for a WebSocket.
    package func upgrade(_ target: String, as name: String) async throws -> Upgrade {
        let place = "\(name) at \(url.isSecure ? "wss" : "ws")://\(url.authority)\(target)"
        return try await within(patience, at: place, expecting: "a WebSocket") {
            do {
                let opening = try await connect { try open($0, target: target, place: place) }
                switch try await opening.result.get(orClose: opening.channel) {
                case .opened(let socket): return .opened(socket)
                case .refused(let connection):
                    return .refused(
                        try await connection.executeThenClose { inbound, _ in
                            try await Reply(to: place, reading: inbound)
                        })
                }
            } catch let error as Unexpected {
                throw error
            } catch {
                throw Unexpected(at: place, expected: "a WebSocket", error: error)
            }
        }
    }

    private struct Opening: Sendable {
        let channel: any Channel
        let result: EventLoopFuture<Outcome>

        enum Outcome: Sendable {
            case opened(LiveSocket)
            case refused(NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>)
        }
    }

    private func open(_ channel: any Channel, target: String, place: String) throws -> Opening {
        let upgrader = NIOTypedWebSocketClientUpgrader<Opening.Outcome>(maxFrameSize: 1 << 20) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let (heard, hearing) = AsyncStream.makeStream(of: Heard.self)
                try channel.pipeline.syncOperations.addHandler(MessageReader(hearing))
                return .opened(LiveSocket(place, patience: patience, channel: channel, heard: heard))
            }
        }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers())
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Opening.Outcome>(
            upgradeRequestHead: head, upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    .refused(try NIOAsyncChannel(wrappingChannelSynchronously: channel))
                }
            })
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        pipeline.leftOverBytesStrategy = .forwardBytes
        return Opening(
            channel: channel,
            result: try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline))
    }
}
