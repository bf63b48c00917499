import Foundation
import Glibc
import Synchronization

/// A machine of the cluster that the test plays itself. It answers one request after the other.
final class FakeMachine: Sendable {
    private let descriptor: Int32

    struct CannotListen: Error {}

    /// - Parameter answer: makes the bytes of an answer from a request's path and query.
    init(address: UInt32, port: Int, answer: @escaping @Sendable (_ target: String) -> String) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        let result = unsafe withSocketAddress(address, UInt16(port)) { unsafe bind(descriptor, $0, $1) }
        guard result == 0, listen(descriptor, 64) == 0 else {
            close(descriptor)
            throw CannotListen()
        }
        // The thread ends when the socket is shut down, and closes it.
        Thread {
            FakeMachine.serve(descriptor, answer)
            close(descriptor)
        }.start()
    }

    deinit {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private static func serve(_ descriptor: Int32, _ answer: (String) -> String) {
        while true {
            let client = accept(descriptor, nil, nil)
            guard client >= 0 else { return }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = unsafe recv(client, &bytes, bytes.count, 0)
            let request = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
            let target = request.split(separator: " ").dropFirst().first.map(String.init) ?? "/"
            _ = unsafe Array(answer(target).utf8).withUnsafeBytes {
                unsafe send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A process that another test starts meanwhile inherits it, and would keep the connection open.
            shutdown(client, Int32(SHUT_RDWR))
            close(client)
        }
    }

    static func reply(_ status: String, _ body: String) -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
    }
}

/// A machine that answers like the original relay: asked for a room that it does not have, it probes all its siblings,
/// without a pin, and ignores pins itself, so that each probe makes it probe.
final class OriginalProber: Sendable {
    private let siblings: [(address: UInt32, port: Int)]
    private let sent = Mutex(0)

    var probesSent: Int { sent.withLock { $0 } }

    init(siblings: [UInt32], port: Int) {
        self.siblings = siblings.map { ($0, port) }
    }

    func answer(_ target: String) -> String {
        let path = String(target.prefix { $0 != "?" })
        for sibling in siblings {
            sent.withLock { $0 += 1 }
            guard let client = try? TestClient(address: sibling.address, port: sibling.port) else { continue }
            client.sendRequest(path)
            _ = try? client.reply()
        }
        return FakeMachine.reply("404 Not Found", #"{"error":"Room not found"}"#)
    }
}
