/// What a loop remembers of a connection from one step to the next.
struct ConnectionFlags: OptionSet {
    let rawValue: UInt8

    /// Noted for the next flush.
    static let isDirty = ConnectionFlags(rawValue: 1)
    /// The last read brought more than a batch has room for.
    static let sendsMuch = ConnectionFlags(rawValue: 2)
    /// The peer has sent its last byte, so there is no end to wait for.
    static let hasEndedInput = ConnectionFlags(rawValue: 4)
}
