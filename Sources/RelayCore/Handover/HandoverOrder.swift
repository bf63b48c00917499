/// What one machine asks of another about a room: all that is signed.
package struct HandoverOrder: Sendable, Equatable {
    package enum Method: String, Sendable, CaseIterable {
        /// Take this room; the body is its record.
        case take = "PUT"
        /// Forget the room again, if you have it from me and nobody has come; the body is empty.
        case forget = "DELETE"
    }

    /// 128 random bits by which the receiver knows an order that it has had before.
    package struct Nonce: Sendable, Hashable {
        package let high: UInt64
        package let low: UInt64

        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }

        package init(using generator: inout some RandomNumberGenerator) {
            self.init(high: generator.next(), low: generator.next())
        }
    }

    package let method: Method
    package let code: RoomCode
    /// The machine that is asked, so that no other accepts the order.
    package let target: InstanceID
    /// Seconds since 1970 when it was signed.
    package let time: Int
    package let nonce: Nonce
    /// The SHA-256 of the body.
    package let digest: [UInt8]

    package init(
        _ method: Method, code: RoomCode, target: InstanceID, time: Int, nonce: Nonce, digest: [UInt8]
    ) {
        self.method = method
        self.code = code
        self.target = target
        self.time = time
        self.nonce = nonce
        self.digest = digest
    }

    package init(
        _ method: Method, code: RoomCode, target: InstanceID, time: Int, nonce: Nonce, body: Span<UInt8>
    ) {
        self.init(
            method, code: code, target: target, time: time, nonce: nonce, digest: SHA256.digest(of: body))
    }

    /// True if the order came with this body.
    package func isOf(body: Span<UInt8>) -> Bool {
        SHA256.digest(of: body) == digest
    }
}
