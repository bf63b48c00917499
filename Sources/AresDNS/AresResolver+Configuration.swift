public import NIOCore

extension AresResolver {
    /// The servers of a resolver, and its timeouts and tries.
    public struct Configuration: Sendable {
        /// The servers in the order in which to ask them, as IP addresses with ports; `nil` for those of
        /// ``resolvConfPath``.
        public var servers: [SocketAddress]?
        /// The file that names the servers, if ``servers`` does not.
        ///
        /// Only its `nameserver` lines count: names are absolute, so there is no search list, and timeouts are
        /// configured here. It is checked for changes when a question is asked, at most once a second.
        public var resolvConfPath = "/etc/resolv.conf"
        /// The time that one try waits for an answer: from 1 ms to 1 hour. It doubles with every further round of tries
        /// without EDNS.
        public var timeout: TimeAmount = .seconds(1)
        /// The number of tries per server, from 1 to 10.
        ///
        /// The first asks with EDNS, so that answers of up to 1,232 bytes need no TCP; the others ask without it,
        /// since some servers and routers lose such questions.
        public var tries = 3
        /// The time that addresses of one family wait for those of the other: up to 1 second (RFC 8305, section 3).
        public var resolutionDelay: TimeAmount = .milliseconds(50)
        /// The most questions that may wait: a bound on memory, far above what accumulates within any deadline.
        var maximumWaiting = 4_096

        /// The servers of `/etc/resolv.conf`, 3 tries of 1, 1 and 2 seconds each.
        public init() {}

        func validate() throws(AresError) {
            guard timeout >= .milliseconds(1), timeout <= .hours(1) else {
                throw AresError(.invalidConfiguration, "timeout is not between 1 ms and 1 hour")
            }
            guard (1...10).contains(tries) else {
                throw AresError(.invalidConfiguration, "tries is not between 1 and 10")
            }
            guard resolutionDelay >= .zero, resolutionDelay <= .seconds(1) else {
                throw AresError(.invalidConfiguration, "resolutionDelay is not between 0 and 1 second")
            }
            guard let servers else { return }
            guard !servers.isEmpty else { throw AresError(.invalidConfiguration, "servers is empty") }
            guard servers.allSatisfy({ ($0.port ?? 0) > 0 }) else {
                throw AresError(.invalidConfiguration, "a server is no IP address with a port")
            }
        }
    }
}
