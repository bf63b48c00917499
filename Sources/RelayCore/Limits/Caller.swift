package import RelayLimits

/// The party that limits count a request for.
package struct Caller: Hashable, Sendable {
    /// Who stands behind the address.
    package enum Standing: Hashable, Sendable {
        /// One client, or one household.
        case client
        /// Possibly many clients: a private address may be a proxy's or a gateway's.
        case crowd
        /// The operator or a sibling: its misses are not limited.
        case trusted
    }

    package let address: ClientAddress
    package let standing: Standing
    /// True if its connections and rooms are held to the bounds of one address.
    package let isBounded: Bool
    /// True if a proxy asks for it.
    package let isForwarded: Bool

    package init(address: ClientAddress, standing: Standing, isBounded: Bool, isForwarded: Bool) {
        self.address = address
        self.standing = standing
        self.isBounded = isBounded
        self.isForwarded = isForwarded
    }

    /// The one address of all whose header cannot be read; no client has it.
    private static let hidden = ClientAddress(high: 0, low: 0)
}

/// The signs by which the party behind a request is told.
package struct CallerSigns: Hashable, Sendable {
    /// The address of the socket's other end.
    package var peer: ClientAddress
    /// True if `CLIENT_IP_HEADER` is set.
    package var hasHeader: Bool
    /// The address in that header.
    package var named: NamedAddress
    /// True if a proxy has left a header that says for whom it asks.
    package var isForwarded: Bool
    /// True if a sibling may ask like this.
    package var mayBeSibling: Bool

    package init(
        peer: ClientAddress, hasHeader: Bool, named: NamedAddress, isForwarded: Bool, mayBeSibling: Bool
    ) {
        self.peer = peer
        self.hasHeader = hasHeader
        self.named = named
        self.isForwarded = isForwarded
        self.mayBeSibling = mayBeSibling
    }
}

/// A fault of a proxy or of the configuration, which makes many clients share one limit.
package enum CallerDoubt: Hashable, Sendable, CaseIterable {
    /// The header has no address that can be read.
    case unreadable
    /// A private peer forwards for others, and `CLIENT_IP_HEADER` is not set.
    case headerNotSet
    /// A private peer forwards for others, and does not send the header.
    case headerMissing
}

extension CallerSigns {
    /// The doubt that the operator should know of, if there is one.
    package var doubt: CallerDoubt? {
        switch named {
        case .address: nil
        case .unreadable: .unreadable
        case .absent where isForwarded && peer.isLocal: hasHeader ? .headerMissing : .headerNotSet
        case .absent: nil
        }
    }
}

extension Caller {
    package init(_ signs: CallerSigns) {
        switch signs.named {
        case .address(let address):
            // A private one may be the next proxy of a chain, or a gateway.
            self.init(
                address: address, standing: address.isLocal ? .crowd : .client, isBounded: !address.isLoopback,
                isForwarded: true)
        case .unreadable:
            self.init(address: Caller.hidden, standing: .client, isBounded: true, isForwarded: true)
        case .absent:
            self.init(
                address: signs.peer, standing: Caller.standing(ofPeerBy: signs),
                isBounded: !signs.peer.isLoopback && (signs.hasHeader || !signs.peer.isLocal),
                isForwarded: signs.isForwarded)
        }
    }

    /// The standing of a peer that nobody speaks for.
    private static func standing(ofPeerBy signs: CallerSigns) -> Standing {
        guard signs.peer.isLocal else { return .client }
        let isDirect = !signs.isForwarded
        return isDirect && (signs.peer.isLoopback || signs.mayBeSibling) ? .trusted : .crowd
    }
}
