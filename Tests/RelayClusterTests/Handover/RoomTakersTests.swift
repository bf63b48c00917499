import NIOCore
import NIOHTTP1
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Siblings that take rooms")
    struct RoomTakersTests {
        static let answers: [(HTTPResponseStatus, [(String, String)])] = [
            // The original, and relays without the secret.
            (.ok, []), (.found, [("Location", "https://example.com/")]), (.notFound, []),
            (.serviceUnavailable, [("X-Takes-Rooms", "5")]), (.ok, [("X-Takes-Rooms", "")]),
            (.ok, [("X-Takes-Rooms", "-1")]), (.ok, [("X-Takes-Rooms", "yes")]),
            (.ok, [("X-Takes-Rooms", "5"), ("X-Instance-Id", "another")]),
        ]

        @Test("who does not say so takes no rooms, and is not asked to", arguments: 0..<8)
        func doesNot(answer: Int) async throws {
            let (status, headers) = Self.answers[answer]
            try await HandoverStage.run(takers: 1) { stage in
                stage.takers[0].state.change { $0.readiness = .answers(status, headers) }
                #expect(await stage.handOver() == .noSibling)
                #expect(stage.orders(of: 0).isEmpty && stage.handovers[.noSibling] == 1)
            }
        }

        @Test("without siblings, or without the DNS, nobody takes rooms")
        func nobody() async throws {
            try await HandoverStage.run(takers: 1, machines: .fails) { stage in
                #expect(await stage.handOver() == .noSibling)
            }
            let list = ScriptedNames.listing(["self iad", "e2865999999999 nrt"])
            try await HandoverStage.run(takers: 0, machines: list) { stage in
                #expect(await stage.handOver() == .noSibling)
            }
            try await HandoverStage.run(takers: 1) { stage in
                stage.names.script.change { $0.addresses = [:] }
                #expect(await stage.handOver() == .noSibling)
                #expect(stage.takers[0].state.value.asked == 0)
            }
        }

        @Test("a sibling is found at whichever of its addresses it listens")
        func addresses() async throws {
            try await HandoverStage.run(takers: 1) { stage in
                let taker = stage.takers[0]
                let addresses = [try await ClusterUnderTest.deserted(), taker.address]
                stage.names.script.change {
                    $0.addresses[ClusterUnderTest.addressName(taker.id)] = .answers(addresses)
                }
                #expect(await stage.handOver() == .taken(by: taker.id))
            }
        }

        @Test("where another machine answers, the sibling's address is asked for anew")
        func moved() async throws {
            var limits = HandoverStage.patient
            limits.names.final = .zero
            limits.names.betweenFinal = .zero
            try await HandoverStage.run(takers: 2, limits: limits) { stage in
                let names = stage.takers.map { ClusterUnderTest.addressName($0.id) }
                stage.takers[0].state.change { $0.readiness = .answers(.ok, [("X-Instance-Id", "another")]) }
                #expect(await stage.handOver() == .taken(by: stage.takers[1].id))
                await stage.names.script.wait { script in script.asked.count { $0 == names[0] } == 2 }
                #expect(stage.names.script.value.asked.count { $0 == names[1] } == 1)
            }
        }

        @Test("a frozen sibling costs its time limit, and the others take the rooms")
        func frozen() async throws {
            var limits = HandoverStage.patient
            limits.takersProbe = .seconds(2)
            try await HandoverStage.run(takers: 2, limits: limits) { stage in
                stage.takers[0].state.change { $0.readiness = .silent }
                #expect(await stage.handOver() == .taken(by: stage.takers[1].id))
                await stage.takers[0].state.wait { $0.open == 0 }
            }
        }

        @Test("many rooms share one question, a few connections, and the bounds of rooms and bytes at once")
        func many() async throws {
            var limits = HandoverStage.patient
            limits.handoversAtOnce = 3
            try await HandoverStage.run(takers: 1, limits: limits) { stage in
                await withTaskGroup(of: HandoverResult.self) { rooms in
                    for number in 1...100 {
                        rooms.addTask {
                            await stage.handOver(UInt64(number), record: [UInt8](repeating: 7, count: number))
                        }
                    }
                    for await result in rooms { #expect(result == .taken(by: stage.takers[0].id)) }
                }
                let state = stage.takers[0].state.value
                #expect(state.rooms.count == 100 && state.asked == 1 && state.mostUnderWay <= 3)
                #expect(state.opened <= limits.connectionsPerTaker + 1)
                #expect(Set(state.rooms.values.map(\.count)) == Set(1...100))
            }
        }

        @Test("large rooms travel one at a time if they are larger than all may be")
        func large() async throws {
            var limits = HandoverStage.patient
            limits.handoverBytes = 1_000
            try await HandoverStage.run(takers: 1, limits: limits) { stage in
                await withTaskGroup(of: HandoverResult.self) { rooms in
                    for number in 1...10 {
                        rooms.addTask {
                            await stage.handOver(UInt64(number), record: [UInt8](repeating: 7, count: 2_000))
                        }
                    }
                    for await result in rooms { #expect(result == .taken(by: stage.takers[0].id)) }
                }
                #expect(stage.takers[0].state.value.mostUnderWay == 1)
            }
        }

        @Test("who has refused a room is asked again whether it takes rooms, and is passed over until then")
        func doubted() async throws {
            try await HandoverStage.run(takers: 2) { stage in
                stage.takers[0].state.change { $0.readiness = .takes(uptime: "1") }
                stage.takers[0].behave(.answers(.serviceUnavailable, [("X-Handover", "full")]), .follows)
                for number in 1...3 as ClosedRange<UInt64> {
                    #expect(await stage.handOver(number) == .taken(by: stage.takers[1].id))
                }
                #expect(stage.orders(of: 0) == ["PUT"] && stage.takers[0].state.value.asked == 1)
            }
            // Where nobody else is left, it is asked at once.
            try await HandoverStage.run(takers: 1) { stage in
                stage.takers[0].behave(.answers(.serviceUnavailable, [("X-Handover", "full")]), .follows)
                #expect(await stage.handOver(1) == .refused)
                #expect(await stage.handOver(2) == .taken(by: stage.takers[0].id))
                #expect(stage.takers[0].state.value.asked == 2)
            }
        }

        @Test("a sibling that has ended since it said yes is passed over at once, and has nothing to forget")
        func gone() async throws {
            try await HandoverStage.run(takers: 2) { stage in
                stage.takers[0].state.change { $0.readiness = .takes(uptime: "1") }
                stage.takers[0].behave(.answers(.created, [("X-Handover", "taken")], closes: true))
                #expect(await stage.handOver(1) == .taken(by: stage.takers[0].id))
                await stage.takers[0].state.wait { $0.open == 0 }
                try await stage.takers[0].close()
                #expect(await stage.handOver(2) == .taken(by: stage.takers[1].id))
                #expect(stage.orders(of: 0) == ["PUT"])
            }
        }

        @Test("connections that a sibling has closed meanwhile cost no room")
        func closedMeanwhile() async throws {
            try await HandoverStage.run(takers: 1) { stage in
                for number in 1...20 as ClosedRange<UInt64> {
                    #expect(await stage.handOver(number) == .taken(by: stage.takers[0].id))
                    stage.takers[0].closeConnections()
                }
                #expect(stage.takers[0].state.value.rooms.count == 20)
            }
        }

        @Test("an answer that never ends ends the connection")
        func endless() async throws {
            try await HandoverStage.run(takers: 1) { stage in
                let text = String(repeating: "x", count: 100_000)
                stage.takers[0].behave(.answers(.created, [("X-Handover", "taken")], body: text))
                #expect(await stage.handOver() == .failed)
            }
        }
    }
}
