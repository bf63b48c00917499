import Foundation
import RelayWire
import Testing

/// A server that answers the upgrade of each connection in one way, and is silent from then on.
final class MisbehavingServer: Sendable {
    enum Manner: String, Sendable {
        /// Lets the kernel accept connections and never answers.
        case silence
        case hangsUp
        case noHTTP
        case refuses
        /// Accepts, with the proof for another key.
        case wrongProof
        /// Accepts, then sends bytes that are not frames.
        case noFrames
        /// Accepts, then sends a text that does not belong to the protocol.
        case noProtocol
        case error
        /// Accepts, then closes.
        case goodbye
    }

    private let listener: Int32
    let port: Int
    let manner: Manner

    /// The source addresses of all connections so far.
    let peers = PeerAddresses()

    struct CannotListen: Error {}

    init(_ manner: Manner) throws {
        self.manner = manner
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // The socket calls take a sockaddr_in through a pointer to the sockaddr that begins alike.
        let descriptor = listener
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard unsafe bind(descriptor, address, length) == 0, listen(descriptor, 128) == 0 else {
                    return Int32(-1)
                }
                return unsafe getsockname(descriptor, address, &length)
            }
        }
        guard result == 0 else { throw CannotListen() }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard manner != .silence else { return }
        let server = Unowned(listener: listener, manner: manner, peers: peers)
        Thread { server.serve() }.start()
    }

    var url: String { "ws://127.0.0.1:\(port)" }

    deinit {
        // Ends the thread's `accept`.
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// The state of the thread, which does not keep the server alive.
    private struct Unowned: Sendable {
        let listener: Int32
        let manner: Manner
        let peers: PeerAddresses

        func serve() {
            while true {
                var peer = sockaddr_in()
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                // As above.
                let connection = unsafe withUnsafeMutablePointer(to: &peer) { pointer in
                    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        unsafe accept(listener, $0, &length)
                    }
                }
                guard connection >= 0 else { return }
                peers.add(UInt32(bigEndian: peer.sin_addr.s_addr))
                if manner != .hangsUp { answer(connection) }
                close(connection)
            }
        }

        private func answer(_ connection: Int32) {
            var request: [UInt8] = []
            var parser = RequestHeadParser()
            var block = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = unsafe recv(connection, &block, block.count, 0)
                guard count > 0 else { return }
                request += block.prefix(count)
                guard let head = try? parser.parse(request.span) else { continue }
                let reply = reply(to: head, request)
                _ = unsafe send(connection, reply, reply.count, Int32(MSG_NOSIGNAL))
                // Waits until the client closes.
                while unsafe recv(connection, &block, block.count, 0) > 0 {}
                return
            }
        }

        private func reply(to head: RequestHead, _ request: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = []
            guard let acceptance = try? OpeningHandshake.check(head, in: request.span) else { return bytes }
            switch manner {
            case .silence, .hangsUp: break
            case .noHTTP: return Array("220 mail.example ESMTP\r\n\r\n".utf8)
            case .refuses: return Array("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".utf8)
            case .wrongProof:
                acceptance.append(to: &bytes, date: DateField(second: 0))
                // Replaces one letter of the proof.
                let place = bytes.firstRange(of: Array("Accept: ".utf8))?.upperBound ?? 0
                bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            case .noFrames:
                acceptance.append(to: &bytes, date: DateField(second: 0))
                bytes += [0xFF, 0xFF, 0xFF, 0xFF]
            case .noProtocol, .error:
                acceptance.append(to: &bytes, date: DateField(second: 0))
                let text = manner == .error ? #"{"type":"error","message":"Server is full"}"# : #"{"hello":"world"}"#
                FrameWriter.append(.text, payload: Array(text.utf8).span, to: &bytes)
            case .goodbye:
                acceptance.append(to: &bytes, date: DateField(second: 0))
                FrameWriter.appendClose(.serviceRestart, to: &bytes)
            }
            return bytes
        }
    }
}

/// A set of IPv4 addresses, written by one thread and read by another.
final class PeerAddresses: Sendable {
    private let lock = NSLock()
    // Touched only under the lock.
    nonisolated(unsafe) private var addresses: Set<UInt32> = []

    var all: Set<UInt32> { lock.withLock { unsafe addresses } }

    func add(_ address: UInt32) {
        _ = lock.withLock { unsafe addresses.insert(address) }
    }
}
