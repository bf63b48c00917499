internal import CLinux
internal import Glibc
internal import RelayLimits

/// The system calls on a connected, non-blocking TCP socket, with their outcomes as values.
enum Socket {
    enum ReadOutcome {
        case bytes(Int)
        case wouldBlock
        /// The peer has closed its sending side.
        case ended
        /// The connection is broken (reset, timed out).
        case failed
    }

    enum WriteOutcome {
        /// The kernel accepted this many bytes; 0 when it accepts none for now.
        case accepted(Int)
        case failed
    }

    static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        while true {
            let count = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .ended }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .wouldBlock
            default: return .failed
            }
        }
    }

    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> WriteOutcome {
        while true {
            let count = unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .accepted(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return .accepted(0)
            default: return .failed
            }
        }
    }

    /// What has become of the bytes sent on a socket, and of those queued for it. Where the kernel does not tell, what it
    /// has taken counts as acknowledged.
    static func progress(of descriptor: Int32, queued: Int) -> SendProgress {
        var told = clinux_send_progress()
        guard unsafe clinux_send_progress(descriptor, &told) == 0 else {
            return SendProgress(outstanding: queued, held: queued)
        }
        return SendProgress(
            acknowledged: UInt32(truncatingIfNeeded: told.acknowledged),
            outstanding: Int(told.unacknowledged) + queued, held: Int(told.unsent) + queued,
            quiet: UInt64(told.quiet_milliseconds) * 1_000_000)
    }

    /// True if the peer is on this computer: it comes from loopback, or from the very address that it has come to.
    static func comesFromHere(_ descriptor: Int32, peer: ClientAddress) -> Bool {
        peer.isLoopback || localAddress(of: descriptor) == peer
    }

    private static func localAddress(of descriptor: Int32) -> ClientAddress? {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        return result == 0 ? ClientAddress(socketAddress: address) : nil
    }

    /// Closes the sending side, while reading goes on (RFC 6455, section 7.1.1).
    ///
    /// - Returns: false if the connection has ended already, as after a reset.
    static func finishWriting(_ descriptor: Int32) -> Bool {
        shutdown(descriptor, Int32(SHUT_WR)) == 0
    }
}
