public import NIOCore

extension AresResolver {
    /// Whom a resolver asks, and how patiently.
    public struct Configuration: Sendable {
        /// The servers in the order in which they are asked, as IP addresses with ports; `nil` takes those of
        /// ``resolvConfPath``.
        public var servers: [SocketAddress]?
        /// The file that names the servers, if ``servers`` does not.
        ///
        /// Only its `nameserver` lines count: names are absolute, so there is nothing to search, and patience is set
        /// here. It is looked at when a question is asked, at most once a second, so that a change is noticed.
        public var resolvConfPath = "/etc/resolv.conf"
        /// How long one try waits for an answer: from 1 ms to 1 hour. It doubles with every further round of tries
        /// without EDNS.
        public var timeout: TimeAmount = .seconds(1)
        /// How many tries each server gets, from 1 to 10.
        ///
        /// The first asks with EDNS, so that answers of up to 1,232 bytes need no TCP; the others ask without it, for
        /// servers and routers that lose such questions.
        public var tries = 3
        /// How many questions may wait for their turn: a bound on memory, far above what deadlines let pile up.
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
            guard let servers else { return }
            guard !servers.isEmpty else { throw AresError(.invalidConfiguration, "servers is empty") }
            guard servers.allSatisfy({ ($0.port ?? 0) > 0 }) else {
                throw AresError(.invalidConfiguration, "a server is no IP address with a port")
            }
        }
    }
}
