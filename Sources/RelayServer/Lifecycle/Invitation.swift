/// What somebody who has started the relay on a terminal can open in a browser.
struct Invitation: CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - host: the address to listen on; nil for all.
    ///   - addresses: those of this machine.
    init(host: String?, port: Int, hasDemo: Bool, addresses: [InterfaceAddress]) {
        let path = hasDemo ? "/demo" : "/"
        var text = "This computer: \(ListeningURL(host: host, port: port, path: path))\n"
        if let address = LocalNetwork.address(among: addresses, families: Invitation.families(of: host)) {
            let other = ListeningURL(host: address, port: port, path: path)
            text += "Other devices: \(other)\n"
        }
        description = text
    }

    /// The families of whose addresses the relay listens on all.
    private static func families(of host: String?) -> [AddressFamily] {
        guard let host else { return [.ipv4, .ipv6] }
        switch ListeningURL.family(ofEvery: host) {
        // An IPv6 socket that listens on all addresses has those of IPv4, too.
        case .ipv6: return [.ipv4, .ipv6]
        case .ipv4: return [.ipv4]
        case nil: return []
        }
    }
}
