import TestSupport
import Testing

@testable import RelayEngine

@Suite("Connections' shares in the gauges of their loop")
struct ConnectionGaugesTests {
    /// What one connection is to be counted as.
    private struct Share {
        var phase: CountedPhase?
        var queued = 0
        var buffered = 0
    }

    private static func expect(
        _ counters: TransportCounters, show shares: [Share], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for phase in CountedPhase.allCases {
            let counted = counters.connectionsByPhase.current(phase)
            #expect(counted == shares.count { $0.phase == phase }, "\(phase)", sourceLocation: sourceLocation)
        }
        let queued = shares.reduce(0) { $0 + $1.queued }
        #expect(counters.queuedBytes.current == queued, sourceLocation: sourceLocation)
        #expect(counters.slowReaders.current == shares.count { $0.queued > 0 }, sourceLocation: sourceLocation)
        let buffered = shares.reduce(0) { $0 + $1.buffered }
        #expect(counters.bufferedBytes.current == buffered, sourceLocation: sourceLocation)
    }

    @Test(
        "whatever connections become in whatever order, the gauges are their sum, and zero in the end",
        arguments: 1...8 as ClosedRange<UInt64>)
    func sums(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let counters = TransportCounters()
        var gauges = (0..<8).map { _ in ConnectionGauges() }
        var phases = (0..<8).map { _ in PhaseGauge() }
        var shares = gauges.map { _ in Share() }
        for _ in 0..<500 {
            let index = dice.roll(gauges.count)
            switch dice.roll(3) {
            case 0:
                shares[index].phase = ([nil] + CountedPhase.allCases)[dice.roll(CountedPhase.allCases.count + 1)]
                phases[index].count(as: shares[index].phase, in: counters)
            case 1:
                shares[index].queued = dice.roll(3) * dice.roll(1_000)
                gauges[index].countQueue(shares[index].queued, in: counters)
            default:
                shares[index].buffered = dice.roll(3) * dice.roll(1_000)
                gauges[index].countBuffers(shares[index].buffered, in: counters, now: 0)
            }
            Self.expect(counters, show: shares)
        }
        for index in gauges.indices {
            phases[index].count(as: nil, in: counters)
            gauges[index].countQueue(0, in: counters)
            gauges[index].countBuffers(0, in: counters, now: 0)
        }
        Self.expect(counters, show: [])
    }

    @Test("what counts as held is the memory, not the bytes in it; an answer that waits, and what has arrived in part")
    func countsMemory() {
        var writer = Writer<ScriptedHandler>(ring: nil, fewestCallsPerBatch: 1)
        let connection = ScriptedConnection.unconnected(3)
        #expect(connection.heldBytes == 0)
        writer.queueOpaque([1, 2, 3], to: connection)
        #expect(connection.heldBytes == BufferPool.smallestBlock)
        _ = unsafe connection.input.space(atLeast: 10_000)
        let input = connection.input.capacity
        #expect(input >= 10_000)
        #expect(connection.heldBytes == BufferPool.smallestBlock + input)
        writer.releaseOutput(of: connection)
        #expect(connection.heldBytes == input)
    }
}
