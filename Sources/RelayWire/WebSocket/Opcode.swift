/// The opcode of a frame (RFC 6455, section 5.2). Reserved numbers have no case: a frame that uses one is refused.
package enum Opcode: UInt8, Hashable, Sendable {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    /// Control frames are short, never fragmented, and may come between the fragments of a message.
    package var isControl: Bool { rawValue >= 8 }

    /// The longest payload that a control frame may have (RFC 6455, section 5.5).
    package static let maximumControlPayload = 125
}

/// The type of a complete message.
package enum MessageKind: Hashable, Sendable {
    case text
    case binary
}

/// The parsing side of a connection: a server expects masked frames, a client unmasked ones.
package enum EndpointRole: Hashable, Sendable {
    case server
    case client
}
