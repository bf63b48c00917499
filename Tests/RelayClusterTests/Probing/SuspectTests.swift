import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Suspects")
    struct SuspectTests {
        /// A lookup takes long, but the wait for suspects is short.
        static var limits: ClusterLimits {
            var limits = ClusterUnderTest.patient
            limits.lookup = .seconds(2)
            limits.patienceWithSuspects = .milliseconds(50)
            return limits
        }

        @Test("an unknown code is not delayed a second time, though the silent sibling is asked again")
        func briefWait() async throws {
            try await ClusterUnderTest.run([.silent, .holding([])], limits: Self.limits) { test in
                #expect(await test.locate(1) == nil)
                #expect(test.probes[.timedOut] == 1)
                let start = ContinuousClock.now
                for number: UInt64 in 2...20 { #expect(await test.locate(number) == nil) }
                // 19 times two seconds otherwise.
                #expect(start.duration(to: .now) < .seconds(20))
                #expect(test.lookups[.timedOut] == 20)
                // All but the last watch, which may go on, have been counted.
                #expect(test.probes.rows.reduce(0) { $0 + $1.count } >= 39)
            }
        }

        @Test("one probe of a suspect outlives its lookup, and the others end with theirs")
        func watch() async throws {
            var limits = Self.limits
            limits.lookup = .seconds(3)
            try await ClusterUnderTest.run([.silent, .holding([])], limits: limits) { test in
                for number: UInt64 in 1...5 { #expect(await test.locate(number) == nil) }
                await test.siblings[0].traffic.wait { $0.requests.count == 5 && $0.closed == 4 }
                await test.siblings[0].traffic.wait { $0.closed == 5 }
                #expect(test.probes[.timedOut] == 2 && test.probes[.cancelled] == 3)
            }
        }

        @Test("a suspect that answers late is cleared, and its rooms are found again")
        func recovers() async throws {
            let code = ClusterUnderTest.code(9)
            var limits = Self.limits
            limits.lookup = .seconds(4)
            // Were it still a suspect, it would be given up before it is woken.
            limits.patienceWithSuspects = .zero
            try await ClusterUnderTest.run([.silent, .holding([])], limits: limits) { test in
                for number: UInt64 in 1...2 { #expect(await test.locate(number) == nil) }
                let (slow, quick) = (test.siblings[0], test.siblings[1])
                await slow.traffic.wait { $0.requests.count == 2 }
                slow.wakeUp()
                await slow.traffic.wait { $0.closed == 2 }
                async let found = test.cluster.locate(code)
                await slow.traffic.wait { $0.requests.count == 3 }
                await quick.traffic.wait { $0.closed == 3 }
                slow.wakeUp(FakeSibling.room(slow.id.text))
                #expect(await found == .sibling(slow.id))
            }
        }

        @Test("a cancelled lookup ends its probe of a suspect too")
        func cancelled() async throws {
            var limits = Self.limits
            limits.patienceWithSuspects = .hours(1)
            try await ClusterUnderTest.run([.silent], limits: limits) { test in
                #expect(await test.locate(1) == nil)
                let code = ClusterUnderTest.code(2)
                let caller = Task { await test.cluster.holder(of: code) }
                await test.siblings[0].traffic.wait { $0.requests.count == 2 }
                caller.cancel()
                await test.siblings[0].traffic.wait { $0.closed == 2 }
                #expect(test.probes[.timedOut] == 1 && test.probes[.cancelled] == 1)
            }
        }

        @Test("a suspect that has the room is found if it answers at once")
        func stillAsked() async throws {
            let code = ClusterUnderTest.code(9)
            var limits = Self.limits
            limits.lookup = .seconds(3)
            limits.patienceWithSuspects = .hours(1)
            try await ClusterUnderTest.run([.silent, .holding([])], limits: limits) { test in
                #expect(await test.locate(1) == nil)
                test.siblings[0].behave(.holding([code]))
                #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
            }
        }
    }
}
