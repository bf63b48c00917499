/// A peer's violation of the protocol, for which its connection is closed. The parser must not be called again after
/// it.
package enum WebSocketViolation: Error, Hashable, Sendable {
    case reservedBits
    case reservedOpcode
    case fragmentedControl
    case longControl
    case wastefulLength
    case impossibleLength
    case unmasked
    case masked
    case continuationOfNothing
    case interruptedMessage
    case truncatedCloseCode
    case forbiddenCloseCode
    case invalidCloseReason
    case invalidText
    case messageTooBig

    /// The close code sent to the peer.
    package var code: CloseCode {
        switch self {
        case .invalidText, .invalidCloseReason: .invalidPayload
        case .messageTooBig: .messageTooBig
        default: .protocolError
        }
    }

    /// The reason sent to the peer; it fits into a close frame.
    package var reason: String {
        switch self {
        case .reservedBits: "reserved bits are set"
        case .reservedOpcode: "reserved opcode"
        case .fragmentedControl: "fragmented control frame"
        case .longControl: "control frame longer than 125 bytes"
        case .wastefulLength: "length not in its shortest form"
        case .impossibleLength: "length beyond 63 bits"
        case .unmasked: "client frames must be masked"
        case .masked: "server frames must not be masked"
        case .continuationOfNothing: "continuation without a message"
        case .interruptedMessage: "new message before the last one ended"
        case .truncatedCloseCode: "close code of one byte"
        case .forbiddenCloseCode: "close code not allowed"
        case .invalidCloseReason: "close reason is not UTF-8"
        case .invalidText: "text is not UTF-8"
        case .messageTooBig: "message too big"
        }
    }
}
