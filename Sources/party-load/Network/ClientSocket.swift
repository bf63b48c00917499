internal import Glibc

/// The system calls on one non-blocking TCP socket of a client.
enum ClientSocket {
    /// Starts a non-blocking connect; the first read or write tells whether it succeeded.
    ///
    /// - Parameter receiveBuffer: the size of the kernel's receive buffer in bytes; nil to let the kernel choose.
    /// - Returns: nil if the connect fails at once.
    static func connect(
        to server: SocketAddress, from source: SocketAddress?, receiveBuffer: Int32? = nil
    ) -> Int32? {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(server.family, kind, 0)
        guard descriptor >= 0 else {
            noteFailure()
            return nil
        }
        set(TCP_NODELAY, to: 1, level: Int32(IPPROTO_TCP), of: descriptor)
        if let receiveBuffer { set(SO_RCVBUF, to: receiveBuffer, level: SOL_SOCKET, of: descriptor) }
        if let source {
            // Defers the choice of the port to `connect`, so that each source address can use all its ports.
            set(IP_BIND_ADDRESS_NO_PORT, to: 1, level: Int32(IPPROTO_IP), of: descriptor)
            guard unsafe source.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
                noteFailure()
                close(descriptor)
                return nil
            }
        }
        let result = unsafe server.withSockaddr { unsafe Glibc.connect(descriptor, $0, $1) }
        guard result == 0 || errno == EINPROGRESS else {
            noteFailure()
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func noteFailure() {
        let code = errno
        FirstReason.note(unsafe String(cString: strerror(code)))
    }

    /// The outcome of a read or a write.
    enum Transfer: Hashable, Sendable {
        case bytes(Int)
        /// No bytes to read, or no space in the send buffer.
        case wouldBlock
        /// The peer has closed the connection, or it has failed.
        case ended
    }

    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count >= 0 { return count > 0 ? .bytes(count) : .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default:
                noteFailure()
                return .ended
            }
        }
    }

    static func write(_ descriptor: Int32, _ bytes: Span<UInt8>) -> Transfer {
        while true {
            let count = unsafe bytes.withUnsafeBufferPointer {
                unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .bytes(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN, ENOTCONN: return .wouldBlock
            default:
                noteFailure()
                return .ended
            }
        }
    }

    /// Closes the socket with a reset, so that its port does not stay in TIME_WAIT.
    static func abandon(_ descriptor: Int32) {
        var now = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    private static func set(_ option: Int32, to value: Int32, level: Int32, of descriptor: Int32) {
        var value = value
        _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
