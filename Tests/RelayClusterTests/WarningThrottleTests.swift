import NIOCore
import Testing

@testable import RelayCluster

@Suite("Throttled warnings")
struct WarningThrottleTests {
    static func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1) + .seconds(seconds) }

    @Test("one warning of a kind passes per minute, and the next tells the number left out")
    func interval() {
        var throttle = WarningThrottle(interval: .minutes(1))
        #expect(throttle.admit(.probe, now: Self.at(0)) == 0)
        for second: Int64 in 1..<60 { #expect(throttle.admit(.probe, now: Self.at(second)) == nil) }
        #expect(throttle.admit(.probe, now: Self.at(60)) == 59)
        #expect(throttle.admit(.probe, now: Self.at(61)) == nil)
        #expect(throttle.admit(.probe, now: Self.at(500)) == 1)
        #expect(throttle.admit(.probe, now: Self.at(560)) == 0)
    }

    @Test("kinds are throttled separately")
    func kinds() {
        var throttle = WarningThrottle(interval: .minutes(1))
        for kind in Warning.allCases { #expect(throttle.admit(kind, now: Self.at(0)) == 0) }
        for kind in Warning.allCases { #expect(throttle.admit(kind, now: Self.at(1)) == nil) }
    }
}
