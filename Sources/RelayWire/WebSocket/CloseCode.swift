/// A WebSocket close code (RFC 6455, section 7.4, and this relay's own).
package struct CloseCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let normal = CloseCode(rawValue: 1000)
    package static let goingAway = CloseCode(rawValue: 1001)
    package static let protocolError = CloseCode(rawValue: 1002)
    package static let invalidPayload = CloseCode(rawValue: 1007)
    package static let messageTooBig = CloseCode(rawValue: 1009)
    package static let serviceRestart = CloseCode(rawValue: 1012)

    /// The same client took over its slot on another connection.
    package static let replaced = CloseCode(rawValue: 4000)
    /// The room ended: the host closed it, or stayed away too long.
    package static let roomClosed = CloseCode(rawValue: 4001)
    /// The connection was in no room for too long.
    package static let noRoom = CloseCode(rawValue: 4002)
    /// The host has put the member out.
    package static let kicked = CloseCode(rawValue: 4003)
    /// The client reads too slowly for its traffic.
    package static let tooSlow = CloseCode(rawValue: 4008)

    /// True if a peer may send this code in a close frame: 1000–1014 without the reserved ones, and 3000–4999.
    package var isAllowedOnWire: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
