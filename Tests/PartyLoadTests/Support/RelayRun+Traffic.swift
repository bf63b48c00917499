import Foundation
import Testing

extension RelayRun {
    struct NoTraffic: Error {}

    /// Waits until the relay has received `count` messages, by its own metrics.
    func awaitMessages(_ count: Int) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if try messages() >= count { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw NoTraffic()
    }

    private func messages() throws -> Int {
        let page = try MetricsRequest.page(port: port)
        let lines = page.split(separator: "\n").filter { $0.hasPrefix("party_sockets_messages_received_total{") }
        return lines.reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? 0) }
    }
}

/// One `GET /metrics` on a connection of its own.
private enum MetricsRequest {
    static func page(port: Int) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // The socket calls take a sockaddr_in through a pointer to the sockaddr that begins alike.
        let result = unsafe withUnsafePointer(to: address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw RelayRun.NoTraffic() }
        let request = Array("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        _ = unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL))
        var page: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe recv(descriptor, &block, block.count, 0)
            guard count > 0 else { return String(decoding: page, as: UTF8.self) }
            page += block.prefix(count)
        }
    }
}
