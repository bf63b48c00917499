/// The network address of a client, under which its misses, connections and rooms are counted.
///
/// IPv4 addresses are stored in their IPv6-mapped form (`::ffff:0:0/96`), which is how they arrive at a dual-stack
/// socket. So one client is one address, however it was written.
package struct ClientAddress: Hashable, Sendable {
    /// The 16 bytes of the address, most significant first.
    private let high: UInt64
    private let low: UInt64

    /// An IPv6 address as two numbers: `::1` is `high: 0, low: 1`.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An IPv4 address as a number: `127.0.0.1` is `0x7F00_0001`.
    package init(ipv4 number: UInt32) {
        self.init(high: 0, low: ClientAddress.mappedPrefix << 32 | UInt64(number))
    }

    private static let mappedPrefix: UInt64 = 0xFFFF

    private var ipv4: UInt32? {
        high == 0 && low >> 32 == ClientAddress.mappedPrefix ? UInt32(truncatingIfNeeded: low) : nil
    }

    /// The unit that limits count as one client: an IPv4 address, or the /64 of an IPv6 address, since a household
    /// has a /64.
    package var limitKey: ClientAddress {
        ipv4 == nil ? ClientAddress(high: high, low: 0) : self
    }

    /// The /48 of an IPv6 address: a customer may get one, with 65,536 times a /64. Nil for an IPv4 address.
    ///
    /// No `limitKey` is the same: those of IPv6 end in zeros.
    package var siteKey: ClientAddress? {
        ipv4 == nil ? ClientAddress(high: high & ~0xFFFF, low: 48) : nil
    }

    package var isLoopback: Bool {
        if let ipv4 { return ipv4 >> 24 == 127 }
        return high == 0 && low == 1
    }

    /// Loopback, private (RFC 1918), shared by a provider (RFC 6598), link-local or unique local (RFC 4193): it may be
    /// a proxy, a sibling or the operator.
    package var isLocal: Bool {
        if isLoopback { return true }
        if let ipv4 {
            return ipv4 >> 24 == 10 || ipv4 >> 20 == 0xAC1 || ipv4 >> 16 == 0xC0A8 || ipv4 >> 22 == 0x191
                || ipv4 >> 16 == 0xA9FE
        }
        let isUniqueLocal = high >> 57 == 0xFC >> 1
        let isLinkLocal = high >> 54 == 0xFE80 >> 6
        return isUniqueLocal || isLinkLocal
    }
}
