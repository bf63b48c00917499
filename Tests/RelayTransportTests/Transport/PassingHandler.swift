import RelayWire

@testable import RelayEngine

/// Answers `/n…` on loop n with the request's target, and passes every other request on to where it belongs.
final class PassingHandler: ConnectionHandler {
    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection, on loop: SocketLoop
    ) -> RequestOutcome {
        let target = head.target.map { bytes[$0] }
        let owner = Int(target[1] - UInt8(ascii: "0"))
        guard owner == loop.index else { return .move(toLoop: owner, cargo: PassedTarget(target)) }
        return answer(target)
    }

    func answer(_ cargo: any ConnectionCargo, of connection: Connection, on loop: SocketLoop) -> RequestOutcome {
        guard let passed = cargo as? PassedTarget else { preconditionFailure("a target is passed on as such") }
        return answer(passed.target)
    }

    private func answer(_ target: [UInt8]) -> RequestOutcome {
        .respond(HTTPResponse(.ok, contentType: "text/plain", body: target))
    }

    func opened(_ connection: Connection, on loop: SocketLoop) {}

    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: Connection, on loop: SocketLoop
    ) -> MessageOutcome { .stay }

    func adopt(_ connection: Connection, cargo: any ConnectionCargo, on loop: SocketLoop) {}
    func closed(_ connection: Connection, on loop: SocketLoop) {}
    func deadlinePassed(_ connection: Connection, on loop: SocketLoop) {}
    func timerFired(_ timer: HandlerTimer, on loop: SocketLoop) {}
}

/// The target of a request on its way to its loop.
final class PassedTarget: ConnectionCargo {
    let target: [UInt8]

    init(_ target: [UInt8]) {
        self.target = target
    }
}
