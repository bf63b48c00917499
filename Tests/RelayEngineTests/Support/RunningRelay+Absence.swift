import Glibc
import RelayEngine
import RelayWire
import Testing

extension RunningRelay {
    /// Waits until so many rooms are without connections.
    func untilDormant(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        eventually("\(count) rooms are dormant", sourceLocation: sourceLocation) {
            engine.statistics().dormantRooms == count
        }
    }

    /// Waits until no room has a member any more, be it dormant, or over.
    func untilEverybodyIsLost(sourceLocation: SourceLocation = #_sourceLocation) {
        eventually("everybody is lost", sourceLocation: sourceLocation) { engine.statistics().clients == 0 }
    }

    /// Waits until something is true that no client is told of.
    func eventually(
        _ claim: String, sourceLocation: SourceLocation = #_sourceLocation, _ isTrue: () throws -> Bool
    ) rethrows {
        for _ in 0..<6_000 {
            if try isTrue() { return }
            usleep(10_000)
        }
        Issue.record("it has not come about in a minute that \(claim)", sourceLocation: sourceLocation)
    }

    /// Joins a room on a connection of its own, and returns it with the answer.
    func join(
        _ code: String, as clientID: String, target: String = "/", fields: String = ""
    ) throws -> (client: TestClient, answer: String) {
        let client = try connect(target)
        client.send(#"{"type":"join","clientId":"\#(clientID)","room":"\#(code)"\#(fields)}"#)
        let answer = try client.text("the answer to a join")
        client.sits(at: joinedSlot(answer) ?? 0)
        return (client, answer)
    }

    /// The same, for those who want the answer alone.
    func answerToJoin(_ code: String, as clientID: String) throws -> String {
        try join(code, as: clientID).answer
    }

    private func joinedSlot(_ answer: String) -> Int? {
        answer.firstMatch(of: /"index":(\d+)/).flatMap { Int($0.output.1) }
    }

    /// Creates a room with more than its size, and returns its host and its code.
    func createRoom(_ fields: String, clientID: String = "client-0") throws -> (host: TestClient, code: String) {
        let host = try connect()
        host.send(#"{"type":"create","clientId":"\#(clientID)",\#(fields)}"#)
        let created = try host.text("created")
        guard let code = created.firstMatch(of: /^\{"type":"created","room":"(\w{6})"/) else {
            throw Unexpected(heard: .text(created), insteadOf: "created")
        }
        return (host, String(code.output.1))
    }
}

extension TestRoom {
    /// Ends all connections without goodbye, in each way that there is.
    func loseEverybody() {
        for (slot, member) in members.enumerated() {
            switch slot % 3 {
            case 0: member.socket.close()
            case 1: member.socket.reset()
            default: member.leave(code: 1_001)
            }
        }
    }
}

extension TestClient {
    /// Sends a close frame; with no code, an empty one.
    func leave(code: UInt16?) {
        send(.close, code.map { [UInt8($0 >> 8), UInt8(truncatingIfNeeded: $0)] } ?? [])
    }
}

/// The errors that tell a client that it is not let in.
enum Refusal {
    static let notFound = #"{"type":"error","message":"Room not found"}"#
    static let roomFull = #"{"type":"error","message":"Room is full"}"#
    static let serverFull = #"{"type":"error","message":"Server is full"}"#
}
