import Glibc
import Synchronization

/// A /24 of loopback addresses that no other test uses, and a port that is free on them.
struct LoopbackNetwork {
    private static let next = Mutex(0)

    /// The first three octets.
    private let prefix: UInt32
    let port: Int

    init() {
        let count = LoopbackNetwork.next.withLock { next in
            next += 1
            return next
        }
        // Another run of the tests at the same time has another process id, and most likely another network; otherwise
        // the port keeps them apart.
        prefix = 127 << 16 | UInt32(100 + getpid() % 100) << 8 | UInt32(count & 0xFF)
        port = LoopbackNetwork.freePort(at: prefix << 8 | 1)
    }

    func address(_ host: UInt32) -> UInt32 { prefix << 8 | host }

    static func text(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { "\(address >> $0 & 0xFF)" }.joined(separator: ".")
    }

    /// A port outside the kernel's ephemeral range: once it is closed, no other socket gets it.
    static func freePort(at address: UInt32 = 0x7F00_0001) -> Int {
        while true {
            let port = UInt16.random(in: 20_000..<32_000)
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            if unsafe withSocketAddress(address, port, { unsafe bind(descriptor, $0, $1) }) == 0 { return Int(port) }
        }
    }
}

/// Calls the body with an IPv4 address as a `sockaddr`.
func withSocketAddress<Result>(
    _ address: UInt32, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
) rethrows -> Result {
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = in_port_t(port.bigEndian)
    target.sin_addr.s_addr = address.bigEndian
    return try unsafe withUnsafePointer(to: &target) { pointer in
        try unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
            try unsafe body(generic, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
