internal import NIOCore
internal import NIOHTTP1
internal import RelayCore

// What all requests to other machines have in common.

extension SocketAddress {
    /// The value of `Host` in a request to this address.
    var hostField: String {
        let ip = ipAddress ?? "localhost"
        return "\(ip.contains(":") ? "[\(ip)]" : ip):\(port ?? 80)"
    }
}

extension HTTPResponseHead {
    /// False if it names another machine, so that the address is no longer that of the one asked.
    func isOf(_ machine: InstanceID) -> Bool {
        headers["X-Instance-Id"].allSatisfy { $0 == machine.text }
    }
}

extension ByteBudget {
    /// Far more than any relay answers, even with the longest origin and url of a room.
    static let mostBytesOfAnswer = 32_768
}
