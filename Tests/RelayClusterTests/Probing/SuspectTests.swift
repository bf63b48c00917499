import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Suspects")
    struct SuspectTests {
        /// A lookup takes long, but silence is soon suspicious, and the wait for suspects is short.
        static var limits: ClusterLimits {
            var limits = ClusterUnderTest.patient
            // Long enough for whoever answers to do so on any machine.
            limits.silence = .init(least: .seconds(2), most: .seconds(2))
            limits.patienceWithSuspects = .milliseconds(20)
            return limits
        }

        @Test("an unknown code is not delayed a second time, and nobody takes the silence for a no")
        func briefWait() async throws {
            try await ClusterUnderTest.run([.silent, .holding([])], limits: Self.limits) { test in
                let start = ContinuousClock.now
                for number: UInt64 in 1...20 {
                    #expect(await test.cluster.locate(ClusterUnderTest.code(number)) == .unknown)
                }
                // An hour each otherwise.
                #expect(start.duration(to: .now) < .seconds(20))
                #expect(test.lookups[.timedOut] == 20)
                try await test.untilSuspects(1)
            }
        }

        @Test("a suspect that answers late is cleared, and its rooms are found again")
        func recovers() async throws {
            let code = ClusterUnderTest.code(9)
            try await ClusterUnderTest.run([.silent, .holding([])], limits: Self.limits) { test in
                for number: UInt64 in 1...2 { #expect(await test.locate(number) == nil) }
                test.siblings[0].behave(.holding([code]))
                try await test.untilSuspects(1)
                test.siblings[0].wakeUp()
                // The one question that was under way all the time.
                await test.siblings[1].traffic.wait { $0.requests.count == 2 }
                try await test.untilSuspects(0)
                #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
            }
        }

        @Test("a sibling that stops on a kept connection becomes a suspect too")
        func stops() async throws {
            try await ClusterUnderTest.run([.stops([]), .holding([])], limits: Self.limits) { test in
                await test.connect()
                try await test.untilSuspects(0)
                #expect(await test.cluster.locate(ClusterUnderTest.code(1)) == .unknown)
                try await test.untilSuspects(1)
                test.siblings[0].wakeUp()
                try await test.untilSuspects(0)
            }
        }

        @Test("a refusal is no silence")
        func refusal() async throws {
            try await ClusterUnderTest.run([.resets, .holding([])], limits: Self.limits) { test in
                for number: UInt64 in 1...3 { #expect(await test.locate(number) == nil) }
                #expect(test.lookups[.failed] == 3 && test.cluster.statistics().suspects == 0)
            }
        }

        @Test("a suspect that has the room is found if it answers at once")
        func stillAsked() async throws {
            let code = ClusterUnderTest.code(9)
            var limits = Self.limits
            limits.patienceWithSuspects = .seconds(3)
            try await ClusterUnderTest.run([.silent, .holding([])], limits: limits) { test in
                #expect(await test.locate(1) == nil)
                test.siblings[0].behave(.holding([code]))
                test.siblings[0].wakeUp()
                #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
            }
        }
    }
}
