/// Facts about a connection that a loop keeps from one step to the next.
struct ConnectionFlags: OptionSet {
    let rawValue: UInt8

    /// It is on the list for the next flush.
    static let isDirty = ConnectionFlags(rawValue: 1)
    /// Its last read filled more than its space in a batch.
    static let sendsMuch = ConnectionFlags(rawValue: 2)
    /// The peer has closed its sending side, so there is no end of input to wait for.
    static let hasEndedInput = ConnectionFlags(rawValue: 4)
    /// It is on the list of those with bulk output.
    static let isBulk = ConnectionFlags(rawValue: 8)
    /// Its last step caused many sends.
    static let isCostly = ConnectionFlags(rawValue: 16)
    /// Of frames that make each other obsolete it is sent the latest, if those before it have not begun to leave.
    static let takesLatest = ConnectionFlags(rawValue: 32)
}
