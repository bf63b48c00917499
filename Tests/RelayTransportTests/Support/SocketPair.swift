import Glibc

@testable import RelayEngine

/// Two connected, non-blocking sockets, closed with the object.
final class SocketPair {
    private(set) var near: Int32
    private(set) var far: Int32

    init() {
        var descriptors: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let result = unsafe socketpair(AF_UNIX, type, 0, &descriptors)
        precondition(result == 0, "a test may open two sockets")
        (near, far) = (descriptors[0], descriptors[1])
    }

    deinit {
        closeNear()
        closeFar()
    }

    /// The near end, which is the caller's to close from here on.
    func handOverNear() -> Int32 {
        defer { near = -1 }
        return near
    }

    func closeNear() { SocketPair.end(&near) }
    func closeFar() { SocketPair.end(&far) }

    /// True once the near end is closed and all that it sent has been read. It waits a little: a process that another
    /// test forks may hold a copy.
    var nearHasEnded: Bool { isReadable(far, within: 10_000) && SocketResult.read(far) == .ended }

    /// Shut down first: a process that another test forks holds a copy for a moment, and a close alone would wait for
    /// that.
    private static func end(_ descriptor: inout Int32) {
        if descriptor >= 0 {
            shutdown(descriptor, Int32(SHUT_RDWR))
            close(descriptor)
        }
        descriptor = -1
    }
}

/// What a call on a socket came to, in a form that can be compared.
enum SocketResult: Hashable {
    case read([UInt8])
    case wouldBlock
    case ended
    case failed
    case wrote(Int)

    static func read(_ descriptor: Int32, upTo count: Int = 4_096) -> SocketResult {
        var bytes = [UInt8](repeating: 0, count: count)
        let outcome = unsafe bytes.withUnsafeMutableBytes { unsafe Socket.read(descriptor, into: $0) }
        return SocketResult(outcome, into: bytes)
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) -> SocketResult {
        SocketResult(unsafe bytes.withUnsafeBytes { unsafe Socket.write(descriptor, $0) })
    }

    /// - Parameter bytes: what the space for the read holds now.
    init(_ outcome: Socket.ReadOutcome, into bytes: [UInt8]) {
        switch outcome {
        case .bytes(let count): self = .read(Array(bytes.prefix(count)))
        case .wouldBlock: self = .wouldBlock
        case .ended: self = .ended
        case .failed: self = .failed
        }
    }

    init(_ outcome: Socket.WriteOutcome) {
        switch outcome {
        case .accepted(let count): self = .wrote(count)
        case .failed: self = .failed
        }
    }
}

/// Whether a descriptor is readable, waiting for it if asked to.
func isReadable(_ descriptor: Int32, within milliseconds: Int32 = 0) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&entry, 1, milliseconds) == 1
}
