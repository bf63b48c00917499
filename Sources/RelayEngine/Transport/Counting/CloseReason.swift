internal import RelayWire

/// The code of a close frame, as metrics count it: a client may send any of thousands of codes, which are echoed and
/// counted together.
package enum CloseReason: String, CounterKey {
    case normal = "1000"
    case goingAway = "1001"
    case protocolError = "1002"
    case invalidPayload = "1007"
    case messageTooBig = "1009"
    case serviceRestart = "1012"
    case replaced = "4000"
    case roomClosed = "4001"
    case noRoom = "4002"
    case kicked = "4003"
    case tooSlow = "4008"
    /// A client's empty close, echoed.
    case none
    case other

    init(_ code: CloseCode?) {
        guard let code else {
            self = .none
            return
        }
        self = CloseReason(rawValue: String(code.rawValue)) ?? .other
    }
}
