internal import Glibc
internal import Logging
internal import RelayEngine
internal import RelayWire

/// A WebSocket echo server with the relay's own parser and loops, for the Autobahn test suite. The port is the only
/// argument; 0 takes a free one, which it prints.
@main
enum EchoServer {
    static func main() async throws {
        let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 0
        var settings = TransportSettings()
        // The largest case is a message of 16 MiB, and it is about correctness, not about limits.
        settings.maxMessageBytes = 32 << 20
        settings.maxQueuedBytes = 0
        settings.maxBufferedBytes = 0
        settings.messagesPerSecond = 0
        let listener = try Listener(host: "127.0.0.1", port: port)
        let loop = try SocketLoop(
            index: 0, group: LoopGroup(loops: 1), listener: listener, settings: settings, counters: TransportCounters(),
            logger: Logger(label: "echo-server"), handler: EchoHandler())
        let (ended, end) = AsyncStream<Void>.makeStream()
        try LoopThread.start(name: "echo", ended: { end.finish() }) { loop.run() }
        // The script that started it waits for this line, so it must not stay in a buffer.
        var line = "listening on \(listener.port)\n"
        _ = line.withUTF8 { unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        for await _ in ended {}
    }
}

/// Echoes every message.
final class EchoHandler: ConnectionHandler {
    final class Session {}
    typealias Payload = Never
    typealias LookupAnswer = Never
    typealias Timer = Never
    typealias Loop = SocketLoop<EchoHandler>

    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection<EchoHandler>, on loop: Loop
    ) -> RequestOutcome<EchoHandler> {
        do throws(HTTPFailure) {
            return .upgrade(try OpeningHandshake.check(head, in: bytes), Session())
        } catch {
            return .respond(error.response)
        }
    }

    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: Connection<EchoHandler>, on loop: Loop
    ) -> MessageOutcome<Never> {
        var frame: [UInt8] = []
        FrameWriter.append(kind == .text ? .text : .binary, payload: message, to: &frame)
        unsafe frame.withUnsafeBytes { unsafe loop.send($0, to: connection) }
        return .stay
    }

    func answer(
        _ request: Never, of connection: Connection<EchoHandler>, on loop: Loop
    ) -> RequestOutcome<EchoHandler> {}

    func adopt(_ connection: Connection<EchoHandler>, with message: Never, on loop: Loop) {}
    func timerFired(_ timer: Never, on loop: Loop) {}
    func opened(_ connection: Connection<EchoHandler>, on loop: Loop) {}
    func closed(_ connection: Connection<EchoHandler>, _ departure: PeerDeparture, on loop: Loop) {}
    func isMember(_ connection: Connection<EchoHandler>) -> Bool { true }
    func deadlinePassed(_ connection: Connection<EchoHandler>, on loop: Loop) {}
}
