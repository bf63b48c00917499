import NIOCore
import NIOHTTP1
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Giving rooms to siblings")
    struct HandoverTests {
        @Test("a sibling that takes rooms has the room as it was sent, signed", arguments: [0, 3, 70_000, 2 << 20])
        func taken(length: Int) async throws {
            try await HandoverStage.run(takers: 1) { stage in
                let record = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                #expect(await stage.handOver(record: record) == .taken(by: stage.takers[0].id))
                #expect(stage.room(at: 0) == record && stage.takers[0].state.value.forged == 0)
                #expect(stage.orders(of: 0) == ["PUT"])
                #expect(stage.handovers[.taken] == 1 && stage.log.warnings.value.isEmpty)
            }
        }

        @Test("the youngest sibling is asked first, and the next one if it refuses")
        func youngest() async throws {
            try await HandoverStage.run(takers: 3) { stage in
                for (taker, uptime) in zip(stage.takers, ["500", "20", "100"]) {
                    taker.state.change { $0.readiness = .takes(uptime: uptime) }
                }
                #expect(await stage.handOver(1) == .taken(by: stage.takers[1].id))
                stage.takers[1].behave(.answers(.serviceUnavailable, [("X-Handover", "full")]))
                #expect(await stage.handOver(2) == .taken(by: stage.takers[2].id))
                #expect(stage.room(2, at: 2) != nil && stage.orders(of: 0).isEmpty)
                #expect(stage.orders(of: 1) == ["PUT", "PUT"])
            }
        }

        static let refusals: [(HTTPResponseStatus, [(String, String)])] = [
            (.serviceUnavailable, [("X-Handover", "draining")]), (.serviceUnavailable, [("X-Handover", "in_use")]),
            (.insufficientStorage, []), (.conflict, []), (.ok, []), (.created, []), (.notFound, []),
            (.methodNotAllowed, []), (.ok, [("X-Handover", "taken")]), (.created, [("X-Handover", "Taken")]),
            (.created, [("X-Handover", "taken"), ("X-Instance-Id", "another")]),
        ]

        @Test("only a relay's own yes is one: all else is a no, and nobody is asked twice", arguments: 0..<11)
        func refused(refusal: Int) async throws {
            let (status, headers) = Self.refusals[refusal]
            try await HandoverStage.run(takers: 1) { stage in
                stage.takers[0].behave(.answers(status, headers, body: "no"))
                #expect(await stage.handOver() == .refused)
                #expect(stage.orders(of: 0) == ["PUT"] && stage.handovers[.refused] == 1)
                await stage.log.warnings.wait { $0.count == 1 }
            }
        }

        @Test("who answers twice with an unclear no has it forgotten, and the next one is asked")
        func brokenOff() async throws {
            try await HandoverStage.run(takers: 2) { stage in
                stage.takers[1].state.change { $0.readiness = .takes(uptime: "200") }
                stage.takers[0].behave(.followsAndCloses, .closes, .follows)
                #expect(await stage.handOver() == .taken(by: stage.takers[1].id))
                await stage.takers[0].state.wait { $0.orders.count == 3 && $0.rooms.isEmpty }
                #expect(stage.orders(of: 0) == ["PUT", "PUT", "DELETE"] && stage.room(at: 1) != nil)
            }
        }

        @Test("a sibling that dies before its answer, and is there again, takes the room once")
        func diesOnce() async throws {
            try await HandoverStage.run(takers: 1) { stage in
                stage.takers[0].behave(.followsAndCloses, .follows)
                #expect(await stage.handOver() == .taken(by: stage.takers[0].id))
                #expect(stage.orders(of: 0) == ["PUT", "PUT"])
                // Players have come to the room before it was sent again.
                stage.takers[0].behave(
                    .followsAndCloses, .answers(.serviceUnavailable, [("X-Handover", "in_use")]))
                #expect(await stage.handOver(2) == .taken(by: stage.takers[0].id))
                // A second copy has a nonce of its own.
                let nonces = stage.takers[0].state.value.orders.map { $0.headers["X-Handover-Nonce"] }
                #expect(Set(nonces).count == 4)
            }
        }

        @Test("a sibling that breaks off for good has failed")
        func failed() async throws {
            try await HandoverStage.run(takers: 1) { stage in
                stage.takers[0].behave(.closes)
                #expect(await stage.handOver() == .failed)
                await stage.takers[0].state.wait { $0.orders.count == 3 }
                #expect(stage.orders(of: 0) == ["PUT", "PUT", "DELETE"] && stage.handovers[.failed] == 1)
            }
        }

        @Test("a silent sibling is asked twice, is told to forget the room, and has timed out")
        func silent() async throws {
            var limits = HandoverStage.patient
            limits.handoverAttempt = .seconds(2)
            try await HandoverStage.run(takers: 1, limits: limits) { stage in
                stage.takers[0].behave(.followsInSilence, .silent, .follows)
                #expect(await stage.handOver() == .timedOut)
                await stage.takers[0].state.wait { $0.orders.count == 3 && $0.rooms.isEmpty }
                #expect(stage.orders(of: 0) == ["PUT", "PUT", "DELETE"] && stage.handovers[.timedOut] == 1)
            }
        }

        @Test("a room takes no longer than its time limit, whoever is silent")
        func inTime() async throws {
            var limits = HandoverStage.patient
            limits.handover = .seconds(2)
            try await HandoverStage.run(takers: 1, limits: limits) { stage in
                stage.takers[0].behave(.followsInSilence, .follows)
                #expect(await stage.handOver() == .timedOut)
                await stage.takers[0].state.wait { $0.orders.count == 2 && $0.rooms.isEmpty }
                stage.takers[0].state.change { $0.readiness = .silent }
                stage.takers[0].behave(.answers(.notFound, []))
                #expect(await stage.handOver() == .refused)
            }
            try await HandoverStage.run(takers: 1, limits: limits) { stage in
                stage.takers[0].state.change { $0.readiness = .silent }
                #expect(await stage.handOver() == .timedOut)
            }
            try await HandoverStage.run(takers: 1, limits: limits, machines: .silent) { stage in
                #expect(await stage.handOver() == .timedOut)
            }
        }

        @Test("with its caller a handover ends, and the room is forgotten where it may be")
        func cancelled() async throws {
            try await HandoverStage.run(takers: 1) { stage in
                stage.takers[0].behave(.followsInSilence, .follows)
                let caller = Task { await stage.handOver() }
                await stage.takers[0].state.wait { $0.rooms.count == 1 }
                caller.cancel()
                #expect(await caller.value == .cancelled)
                await stage.takers[0].state.wait { $0.rooms.isEmpty }
                #expect(stage.orders(of: 0) == ["PUT", "DELETE"] && stage.handovers[.cancelled] == 1)
            }
        }

        @Test("the end of the cluster ends handovers, at whatever point, and those that come later")
        func shutdown() async throws {
            for isAsking in [true, false] {
                try await HandoverStage.run(takers: 1) { stage in
                    if isAsking { stage.takers[0].state.change { $0.readiness = .silent } }
                    stage.takers[0].behave(.silent)
                    let caller = Task { await stage.handOver() }
                    await stage.takers[0].state.wait { isAsking ? $0.asked == 1 : $0.orders.count == 1 }
                    await stage.cluster.shutdown()
                    #expect(await caller.value == .cancelled)
                    await stage.takers[0].state.wait { $0.open == 0 }
                    #expect(await stage.handOver() == .cancelled)
                    await stage.takeBack(from: 0)
                }
            }
        }

        @Test("a room that is taken back is forgotten by whoever has it")
        func takenBack() async throws {
            try await HandoverStage.run(takers: 1) { stage in
                _ = await stage.handOver()
                #expect(stage.room(at: 0) != nil)
                await stage.takeBack(from: 0)
                #expect(stage.room(at: 0) == nil && stage.takers[0].state.value.forged == 0)
                // Nobody is there any more: it comes back all the same.
                try await stage.takers[0].close()
                await stage.takeBack(from: 0)
            }
        }
    }
}
