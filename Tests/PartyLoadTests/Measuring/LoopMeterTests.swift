import Testing

@testable import party_load

@Suite("The measurements of a loop")
struct LoopMeterTests {
    private static func meter(latencies: some Sequence<UInt64>) -> LoopMeter {
        var meter = LoopMeter()
        for latency in latencies { meter.record(latency: latency) }
        return meter
    }

    @Test("percentiles are precise to three digits, and the maximum is exact")
    func percentiles() throws {
        let meter = Self.meter(latencies: (1...1_000).map { UInt64($0) * 1_000 })
        for (percentile, expected) in [(50.0, 0.0005), (90, 0.0009), (99, 0.00099), (99.9, 0.000999)] {
            let value = try #require(meter.latency(percentile: percentile))
            #expect(abs(value - expected) <= expected / 1_000 + 0.000_001)
        }
        #expect(meter.latency(percentile: 100) == 0.001)
        #expect(meter.latencyCount == 1_000)
        let mean = try #require(meter.meanLatency)
        #expect(abs(mean - 0.000_500_5) < 0.000_001)
    }

    @Test("without latencies there are no percentiles and no mean")
    func none() {
        #expect(LoopMeter().latency(percentile: 50) == nil)
        #expect(LoopMeter().meanLatency == nil)
    }

    @Test("a latency beyond an hour counts as an hour")
    func endless() {
        let meter = Self.meter(latencies: [.max])
        #expect(meter.latencyCount == 1)
        #expect(meter.latency(percentile: 100) == 3_600)
    }

    @Test("the measurements of concurrent loops add up")
    func sum() throws {
        var meter = Self.meter(latencies: [1_000, 2_000])
        meter.open()
        meter.countSent(2)
        meter.countDelivered(6)
        meter.failures.add(.lost)
        meter.opened = LoopMeter.Passage(count: 10, nanoseconds: 1_000_000_000)
        var other = Self.meter(latencies: [9_000])
        other.open()
        other.countSent(3)
        other.countDelivered(9)
        other.failures.add(.connect, 2)
        other.opened = LoopMeter.Passage(count: 20, nanoseconds: 2_000_000_000)
        meter += other
        #expect(meter.sent == 5)
        #expect(meter.deliveries == 15)
        #expect(meter.failures == Failures(connect: 2, lost: 1))
        #expect(meter.latencyCount == 3)
        #expect(meter.latency(percentile: 100) == 0.000_009)
        #expect(meter.opened.rate == 15)
    }

    @Test("the files of a process give nanoseconds and bytes, or nil")
    func files() {
        #expect(ProcessFile.runNanoseconds("81234567 3456 12\n") == 81_234_567)
        #expect(ProcessFile.runNanoseconds("") == nil)
        let status = "Name:\tx\nVmHWM:\t 9 kB\nVmRSS:\t    2048 kB\n"
        #expect(ProcessFile.bytes("VmRSS", in: status) == 2_097_152)
        #expect(ProcessFile.bytes("Rss", in: status) == nil)
    }

    @Test("JSON strings are escaped, members keep their order, and infinity becomes null")
    func json() {
        let value = JSONText.object([
            "b": .string("a\"\\\u{1}é"), "a": .number(.infinity), "c": .number(0.5), "d": .integer(-1),
            "e": JSONText(nil as Int?),
        ])
        #expect("\(value)" == #"{"b":"a\"\\\u0001é","a":null,"c":0.5,"d":-1,"e":null}"#)
    }
}
