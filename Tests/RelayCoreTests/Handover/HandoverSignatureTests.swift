import TestSupport
import Testing

@testable import RelayCore

@Suite("Signed orders between machines")
struct HandoverSignatureTests {
    static let now = 1_700_000_000
    let secret: ClusterSecret
    let code: RoomCode
    let target: InstanceID

    init() throws {
        secret = try #require(ClusterSecret("0123456789abcdef0123456789abcdef"))
        code = try #require(RoomCode("abcdef"))
        target = try #require(InstanceID("e286500000001"))
    }

    func order(_ method: HandoverOrder.Method = .take, body: String = "hello", time: Int = now) -> HandoverOrder {
        let nonce = HandoverOrder.Nonce(high: 0x0001_0203_0405_0607, low: 0x0809_0A0B_0C0D_0E0F)
        let body = Array(body.utf8)
        return HandoverOrder(method, code: code, target: target, time: time, nonce: nonce, body: body.span)
    }

    func headers(_ order: HandoverOrder) -> [String: String] {
        let signature = HandoverSignature(order, with: secret)
        return Dictionary(uniqueKeysWithValues: signature.headers.map { ($0.name, $0.value) })
    }

    func read(
        _ headers: [String: String], _ method: HandoverOrder.Method = .take, code: RoomCode? = nil,
        target: InstanceID? = nil
    ) -> HandoverSignature? {
        HandoverSignature(method, code: code ?? self.code, target: target ?? self.target) { headers[$0.rawValue] }
    }

    // The signature is from Python's hmac.
    @Test("the headers of an order are those of the description")
    func format() {
        #expect(
            headers(order()) == [
                "X-Handover-Time": "1700000000", "X-Handover-Nonce": "000102030405060708090a0b0c0d0e0f",
                "X-Handover-Digest": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "X-Handover-Signature": "3098d3a86618ad1448c02bd1102cb2e7e516b7f1f25bf02c8f102fe27b28a447",
            ])
    }

    @Test("a signed order is authentic where it is meant to be", arguments: HandoverOrder.Method.allCases)
    func authentic(method: HandoverOrder.Method) throws {
        let order = order(method)
        let read = try #require(self.read(headers(order), method))
        #expect(read.order == order)
        #expect(read.verify(with: secret, now: Self.now) == .authentic)
        let (same, other) = (Array("hello".utf8), Array("hellp".utf8))
        #expect(read.order.isOf(body: same.span) && !read.order.isOf(body: other.span))
    }

    @Test("an order for another room or machine, or of another kind or cluster, is forged")
    func misdirected() throws {
        let headers = headers(order())
        let others = [
            read(headers, .forget), read(headers, code: RoomCode("abcdeg")), read(headers, target: InstanceID("other")),
        ]
        for other in others {
            #expect(try #require(other).verify(with: secret, now: Self.now) == .forged)
        }
        let stranger = try #require(ClusterSecret("0123456789abcdef0123456789abcdeF"))
        #expect(try #require(read(headers)).verify(with: stranger, now: Self.now) == .forged)
    }

    @Test("any digit of any header changed makes it forged, or no order at all")
    func tampered() {
        let headers = headers(order())
        for (name, value) in headers {
            for place in value.indices {
                for digit in "09afG" where digit != value[place] {
                    var tampered = headers
                    tampered[name] = value.replacingCharacter(at: place, with: digit)
                    let verdict = read(tampered)?.verify(with: secret, now: Self.now)
                    #expect(verdict == nil || verdict == .forged)
                }
            }
        }
    }

    @Test(
        "an order is good for a minute before and after its time, and says how far off it is",
        arguments: [
            (0, true), (60, true), (-60, true), (61, false), (-61, false), (86_400, false),
        ])
    func window(seconds: Int, isTimely: Bool) throws {
        let read = try #require(self.read(headers(order())))
        let verdict = read.verify(with: secret, now: Self.now + seconds)
        #expect(verdict == (isTimely ? .authentic : .untimely(seconds: seconds)))
    }

    @Test("a time at the end of all numbers is untimely, and no trap", arguments: [0, Int.max, Int.max - 1])
    func extremes(time: Int) throws {
        let read = try #require(self.read(headers(order(time: time))))
        for now in [0, -1, Int.min, Int.max - 100, Int.min + 1] {
            let verdict = read.verify(with: secret, now: now)
            if case .untimely = verdict { continue }
            #expect(verdict == .authentic && time == 0 && (-60...60).contains(now))
        }
    }

    @Test(
        "a head that lacks a header, or has another spelling of one, is no order",
        arguments: [
            ("X-Handover-Time", nil), ("X-Handover-Nonce", nil), ("X-Handover-Digest", nil),
            ("X-Handover-Signature", nil),
            ("X-Handover-Time", ""), ("X-Handover-Time", "-1"), ("X-Handover-Time", "+1700000000"),
            ("X-Handover-Time", "01700000000"), ("X-Handover-Time", "1700000000 "), ("X-Handover-Time", "1e9"),
            ("X-Handover-Time", "9223372036854775808"), ("X-Handover-Nonce", "000102030405060708090a0b0c0d0e"),
            ("X-Handover-Nonce", "000102030405060708090A0B0C0D0E0F"), ("X-Handover-Digest", "é"),
            ("X-Handover-Signature", ""), ("X-Handover-Signature", String(repeating: "a", count: 66)),
        ] as [(String, String?)])
    func unreadable(name: String, value: String?) {
        var headers = headers(order())
        headers[name] = value
        #expect(read(headers) == nil)
    }

    @Test(
        "a secret needs 32 characters, white space around them aside",
        arguments: [
            ("", false), (String(repeating: "s", count: 31), false), (String(repeating: "s", count: 32), true),
            (" \t" + String(repeating: "s", count: 31) + "\r\n", false), (String(repeating: " ", count: 40), false),
            (String(repeating: "é", count: 16), false), (String(repeating: "é", count: 32), true),
        ])
    func secrets(text: String, isLongEnough: Bool) {
        #expect((ClusterSecret(text) != nil) == isLongEnough)
    }

    @Test("a line's end after the secret does not count")
    func trimmed() {
        let text = "0123456789 abcdef 0123456789abcdef"
        #expect(ClusterSecret("\(text)\n") == ClusterSecret(text))
        #expect(ClusterSecret("\(text)!") != ClusterSecret(text))
    }

    @Test("a secret never prints itself")
    func silent() {
        var dump = ""
        Swift.dump(secret, to: &dump)
        for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), "\(secret as Any)", dump] {
            #expect(!text.contains("0123") && !text.contains("48, 49"))
        }
    }
}

extension String {
    fileprivate func replacingCharacter(at place: Index, with character: Character) -> String {
        String(self[..<place]) + String(character) + String(self[index(after: place)...])
    }
}
