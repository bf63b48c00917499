/// A player's secret, by which the relay knows it again: who has it, has its seat.
///
/// It is sent to the relay alone, which tells nobody. It has no description, so that no log gets it by accident.
public struct ClientID: Hashable, Sendable, CustomStringConvertible {
    /// The secret itself, to be kept where only this player's programs can read it.
    public let secret: String

    /// 128 bits of the system's random generator, as 32 hexadecimal digits.
    public init() {
        var generator = SystemRandomNumberGenerator()
        secret = (0..<2).map { _ in
            let digits = String(UInt64.random(in: 0 ... .max, using: &generator), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// One that was kept.
    ///
    /// - Parameter secret: 1 to 256 bytes of UTF-8, unless the relay is configured otherwise. Take a random one: whoever
    ///   can guess it can take the seat.
    public init(secret: String) {
        self.secret = secret
    }

    /// Says that it is a secret, and nothing of it.
    public var description: String { "ClientID(secret)" }
}

extension ClientID: CustomReflectable {
    /// Empty, for the same reason.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
