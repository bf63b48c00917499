/// A signed order, as it travels: in the head of a request, so that it is checked before a body is read.
///
/// | header | value |
/// | --- | --- |
/// | `X-Handover-Time` | the seconds since 1970 when it was signed, in decimal |
/// | `X-Handover-Nonce` | the nonce, 32 hexadecimal digits in lower case |
/// | `X-Handover-Digest` | the SHA-256 of the body, 64 such digits |
/// | `X-Handover-Signature` | 64 such digits: HMAC-SHA256, under the bytes of the cluster's secret, of the lines below |
///
/// The lines are `party-sockets handover 1`, the method (`PUT` or `DELETE`), the room's code, the id of the machine that
/// is asked, the time, the nonce and the digest as in the headers; each ends with a line feed, the last one too. No
/// value contains one, so no two orders have the same lines.
package struct HandoverSignature: Sendable, Equatable {
    /// The names of the headers, in the spelling in which they are sent.
    package enum Header: String, CaseIterable, Sendable {
        case time = "X-Handover-Time"
        case nonce = "X-Handover-Nonce"
        case digest = "X-Handover-Digest"
        case signature = "X-Handover-Signature"
    }

    /// What a check has found.
    package enum Verdict: Sendable, Equatable {
        /// Signed by a machine with the same secret, for this order, and just now. Whether it came before, the seen
        /// nonces tell.
        case authentic
        /// Signed with another secret, or for another order.
        case forged
        /// Rightly signed, but so many seconds ago (or ahead, if negative): a copy, or a clock that is wrong.
        case untimely(seconds: Int)
    }

    /// For how many seconds an order is good, before and after its time: the clocks of machines may be that far apart.
    package static let window = 60
    /// The first of the signed lines: it keeps the signatures of this purpose and version apart from all others.
    private static let label = "party-sockets handover 1"

    package let order: HandoverOrder
    private let code: [UInt8]

    /// Signs an order.
    package init(_ order: HandoverOrder, with secret: ClusterSecret) {
        self.order = order
        code = HandoverSignature.code(of: order, under: secret)
    }

    /// Reads a signed order from the head of a request; nil if the head has none.
    ///
    /// - Parameter header: the value of the header, or nil if it is missing.
    package init?(
        _ method: HandoverOrder.Method, code: RoomCode, target: InstanceID, header: (Header) -> String?
    ) {
        guard let time = header(.time).flatMap(HandoverSignature.time),
            let nonce = header(.nonce).flatMap({ Hexadecimal.bytes(in: $0, count: 16) }),
            let digest = header(.digest).flatMap({ Hexadecimal.bytes(in: $0, count: SHA256.digestLength) }),
            let signature = header(.signature).flatMap({ Hexadecimal.bytes(in: $0, count: SHA256.digestLength) })
        else { return nil }
        let words = [nonce[..<8], nonce[8...]].map { $0.reduce(0 as UInt64) { $0 << 8 | UInt64($1) } }
        order = HandoverOrder(
            method, code: code, target: target, time: time,
            nonce: HandoverOrder.Nonce(high: words[0], low: words[1]), digest: digest)
        self.code = signature
    }

    /// The headers to send, in an order that is always the same.
    package var headers: [(name: String, value: String)] {
        let values = HandoverSignature.values(of: order) + [Hexadecimal.text(of: code)]
        return zip(Header.allCases, values).map { ($0.rawValue, $1) }
    }

    /// Checks the signature, in a time that does not tell how much of it is right, and then the time.
    ///
    /// - Parameter now: the seconds since 1970.
    package func verify(with secret: ClusterSecret, now: Int) -> Verdict {
        let expected = HandoverSignature.code(of: order, under: secret)
        guard code.isSame(inConstantTimeAs: expected) else { return .forged }
        let (age, overflow) = now.subtractingReportingOverflow(order.time)
        guard !overflow, age.magnitude <= HandoverSignature.window.magnitude else {
            return .untimely(seconds: age)
        }
        return .authentic
    }

    private static func code(of order: HandoverOrder, under secret: ClusterSecret) -> [UInt8] {
        let lines = [label, order.method.rawValue, "\(order.code)", order.target.text] + values(of: order)
        let text = Array(lines.map { $0 + "\n" }.joined().utf8)
        return HMACSHA256.code(of: text.span, key: secret.bytes.span)
    }

    /// The values of the headers but for the signature.
    private static func values(of order: HandoverOrder) -> [String] {
        var nonce: [UInt8] = []
        for word in [order.nonce.high, order.nonce.low] {
            for shift in stride(from: 56 as UInt64, through: 0, by: -8) {
                nonce.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return ["\(order.time)", Hexadecimal.text(of: nonce), Hexadecimal.text(of: order.digest)]
    }

    /// A time as it is signed: decimal digits without a zero in front, so that it has one spelling.
    private static func time(_ text: String) -> Int? {
        Int(text).flatMap { "\($0)" == text && $0 >= 0 ? $0 : nil }
    }
}
