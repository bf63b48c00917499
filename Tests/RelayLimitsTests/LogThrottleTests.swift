import RelayLimits
import Testing

@Suite("Throttled log lines")
struct LogThrottleTests {
    private enum Kind: CaseIterable {
        case probe
        case silence
        case refusal
    }

    private static func at(_ second: UInt64) -> UInt64 { (500 + second) * 1_000_000_000 }

    @Test("one line of a kind passes per interval, and the next tells the number left out", arguments: [60, 7])
    func interval(seconds: UInt64) {
        var throttle = LogThrottle<Kind>(interval: seconds * 1_000_000_000)
        #expect(throttle.admit(.probe, now: Self.at(0)) == 0)
        for second in 1..<seconds { #expect(throttle.admit(.probe, now: Self.at(second)) == nil) }
        #expect(throttle.admit(.probe, now: Self.at(seconds)) == Int(seconds) - 1)
        #expect(throttle.admit(.probe, now: Self.at(seconds + 1)) == nil)
        #expect(throttle.admit(.probe, now: Self.at(500)) == 1)
        #expect(throttle.admit(.probe, now: Self.at(500 + seconds)) == 0)
    }

    @Test("kinds are throttled separately")
    func kinds() {
        var throttle = LogThrottle<Kind>()
        for kind in Kind.allCases { #expect(throttle.admit(kind, now: Self.at(0)) == 0) }
        for kind in Kind.allCases { #expect(throttle.admit(kind, now: Self.at(1)) == nil) }
    }

    @Test("by default one line a minute of each kind passes, and tells how many were left out")
    func throttle() {
        var throttle = LogThrottle<String>()
        let events: [(String, UInt64, Int?)] = [
            ("a", 0, 0), ("a", 0, nil), ("b", 1, 0), ("a", 59, nil), ("a", 60, 2), ("a", 61, nil), ("b", 60, nil),
            // A minute from the last line, not from the last event.
            ("a", 119, nil), ("a", 500, 2), ("b", 61, 1), ("a", 560, 0),
        ]
        for (kind, second, leftOut) in events {
            #expect(throttle.admit(kind, now: Self.at(second)) == leftOut, "\(kind) at \(second)")
        }
    }
}
