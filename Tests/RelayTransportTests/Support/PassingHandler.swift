import RelayWire

@testable import RelayEngine

/// Answers `/n…` on loop n with the request's target, and passes every other request on to where it belongs.
final class PassingHandler: ConnectionHandler {
    /// Of a WebSocket, which nothing becomes here.
    typealias Session = PassingHandler
    /// The target of a request on its way to its loop.
    typealias Payload = [UInt8]
    typealias LookupAnswer = Never
    typealias Timer = Never
    typealias Loop = SocketLoop<PassingHandler>
    typealias Outcome = RequestOutcome<PassingHandler>

    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection<PassingHandler>, on loop: Loop
    ) -> Outcome {
        let target = head.target.map { bytes[$0] }
        let owner = Int(target[1] - UInt8(ascii: "0"))
        return owner == loop.index
            ? answer(target, of: connection, on: loop) : .move(toLoop: owner, payload: target)
    }

    func answer(_ target: [UInt8], of connection: Connection<PassingHandler>, on loop: Loop) -> Outcome {
        .respond(HTTPResponse(.ok, contentType: "text/plain", body: target))
    }

    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: Connection<PassingHandler>, on loop: Loop
    ) -> MessageOutcome<[UInt8]> { .stay }

    func opened(_ connection: Connection<PassingHandler>, on loop: Loop) {}
    func adopt(_ connection: Connection<PassingHandler>, with message: [UInt8], on loop: Loop) {}
    func closed(_ connection: Connection<PassingHandler>, _ departure: PeerDeparture, on loop: Loop) {}
    func isMember(_ connection: Connection<PassingHandler>) -> Bool { true }
    func deadlinePassed(_ connection: Connection<PassingHandler>, on loop: Loop) {}
    func timerFired(_ timer: Never, on loop: Loop) {}
}
