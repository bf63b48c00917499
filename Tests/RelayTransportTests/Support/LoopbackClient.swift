import Glibc

/// A connection to a port of this machine, closed with the object.
final class LoopbackClient {
    private let descriptor: Int32

    /// Nil if nobody listens there.
    ///
    /// - Parameter receiveBuffer: bytes that the kernel keeps for a client that does not read; nil for the usual.
    init?(family: Int32, port: Int, receiveBuffer: Int32? = nil) {
        descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        if var receiveBuffer {
            unsafe setsockopt(
                descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        let networkPort = in_port_t(UInt16(port).bigEndian)
        let result: Int32
        if family == AF_INET6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = networkPort
            address.sin6_addr = in6addr_loopback
            result = LoopbackClient.connect(descriptor, &address)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = networkPort
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            result = LoopbackClient.connect(descriptor, &address)
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit {
        close(descriptor)
    }

    /// Has the kernel reset the connection when it is closed with the object.
    func resetsAtItsEnd() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    /// Sends everything; false if the connection breaks.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// As many bytes as asked for, or fewer if the connection ends or says nothing for ten seconds.
    func receive(_ count: Int) -> [UInt8] {
        var received: [UInt8] = []
        while received.count < count {
            let more = receiveSome(min(count - received.count, 65_536), within: 10_000)
            guard !more.isEmpty else { break }
            received += more
        }
        return received
    }

    /// What is there, or comes within that time.
    func receiveSome(_ most: Int, within milliseconds: Int32) -> [UInt8] {
        guard isReadable(descriptor, within: milliseconds) else { return [] }
        var block = [UInt8](repeating: 0, count: most)
        let read = unsafe block.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
        return Array(block.prefix(max(read, 0)))
    }

    private static func connect<Address>(_ descriptor: Int32, _ address: inout Address) -> Int32 {
        unsafe withUnsafeBytes(of: &address) { bytes in
            guard let base = unsafe bytes.assumingMemoryBound(to: sockaddr.self).baseAddress else { return -1 }
            return unsafe Glibc.connect(descriptor, base, socklen_t(bytes.count))
        }
    }
}
