import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Shares of one lookup")
    struct SharedLookupTests {
        /// The searches on a loop of their own, so that callers can come and go at chosen moments.
        struct Stage: Sendable {
            let loop: any EventLoop
            let searches: NIOLoopBoundBox<Searches>
            let counts: NIOLockedValueBox<ClusterStatistics>
            let sibling: FakeSibling
            /// Each caller's share, with what it was told of the room.
            let replies = Watched<[Int: RoomLocation]>([:])
            /// The same for those who ask for a machine that takes new games.
            let readyPeers = Watched<[Int: Bool]>([:])

            /// Lets these callers ask at one moment.
            func ask(_ shares: Range<Int>, for code: RoomCode) async throws {
                try await loop.submit {
                    for share in shares {
                        searches.value.rooms.locate(code, share: share) { [replies] location in
                            replies.change { $0[share] = location }
                        }
                    }
                }.get()
            }

            func abandon(_ shares: Range<Int>, of code: RoomCode) async throws {
                try await loop.submit { for share in shares { searches.value.rooms.abandon(code, share: share) } }.get()
            }

            func askForReadyPeer(_ shares: Range<Int>) async throws {
                try await loop.submit {
                    for share in shares {
                        searches.value.readyPeers.find(share: share) { [readyPeers] answer in
                            readyPeers.change { $0[share] = answer }
                        }
                    }
                }.get()
            }

            func abandonReadyPeer(_ shares: Range<Int>) async throws {
                try await loop.submit { for share in shares { searches.value.readyPeers.abandon(share: share) } }.get()
            }
        }

        /// One sibling that answers when it is woken.
        static func run(_ body: (Stage) async throws -> Void) async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let sibling = try await FakeSibling(try ClusterUnderTest.id(0), .silent)
            let names = ScriptedNames()
            names.list(["\(sibling.id) iad"])
            names.script.change { $0.addresses[ClusterUnderTest.addressName(sibling.id)] = .answers([sibling.address]) }
            let counts = NIOLockedValueBox(ClusterStatistics())
            let telemetry = ClusterTelemetry(counts, logger: LogRecord().logger, warningInterval: .minutes(1))
            let searches = NIOLoopBoundBox.makeBoxSendingValue(
                Searches(
                    try ClusterUnderTest.configuration(), names: names, limits: ClusterUnderTest.patient, on: loop,
                    telemetry: telemetry), eventLoop: loop)
            try await body(Stage(loop: loop, searches: searches, counts: counts, sibling: sibling))
            for query in try await loop.submit({ searches.value.stop() }).get() { await query.value }
            try await sibling.close()
        }

        @Test("concurrent callers for one room share one lookup")
        func shared() async throws {
            try await SharedLookupTests.run { stage in
                let (code, sibling) = (ClusterUnderTest.code(1), stage.sibling)
                try await stage.ask(0..<50, for: code)
                await sibling.traffic.wait { !$0.requests.isEmpty }
                try await stage.ask(50..<100, for: code)
                #expect(stage.replies.value.isEmpty)
                sibling.wakeUp(FakeSibling.room(sibling.id.text))
                await stage.replies.wait { $0.count == 100 }
                #expect(stage.replies.value.values.allSatisfy { $0 == .sibling(sibling.id) })
                #expect(sibling.traffic.value.opened == 1)
                #expect(stage.counts.withLockedValue { $0.lookups[.found] } == 1)
            }
        }

        @Test("a lookup that ends during a DNS query leaves no waiter behind")
        func leavesNothing() async throws {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let configuration = try ClusterUnderTest.configuration()
            let names = ScriptedNames()
            names.script.change { $0.machines = .silent }
            let (isGone, queries) = try await loop.submit {
                let telemetry = ClusterTelemetry(
                    NIOLockedValueBox(ClusterStatistics()), logger: LogRecord().logger, warningInterval: .minutes(1))
                let directory = PeerDirectory(
                    configuration, names: names, times: AnswerCacheTimes(), on: loop, telemetry: telemetry)
                let links = SiblingLinks(
                    in: directory, limits: ClusterLimits(), sockets: SocketBudget(1), on: loop, telemetry: telemetry)
                var lookup: RoomLookup? = RoomLookup(
                    ClusterUnderTest.code(1), in: directory, with: links, budget: SearchBudget(1), on: loop,
                    limits: ClusterLimits()
                ) { _, _ in nil }
                weak let watched = lookup
                lookup?.start { _, _ in }
                lookup?.end(.cancelled)
                lookup = nil
                return (watched == nil, directory.stop())
            }.get()
            for query in queries { await query.value }
            #expect(isGone)
        }

        @Test("a caller that gives up gets nil at once, and the others get their answer")
        func some() async throws {
            try await SharedLookupTests.run { stage in
                let (code, sibling) = (ClusterUnderTest.code(1), stage.sibling)
                try await stage.ask(0..<2, for: code)
                await sibling.traffic.wait { !$0.requests.isEmpty }
                try await stage.abandon(0..<1, of: code)
                #expect(stage.replies.value == [0: .unknown])
                sibling.wakeUp(FakeSibling.room(sibling.id.text))
                await stage.replies.wait { $0.count == 2 }
                #expect(stage.replies.value[1] == .sibling(sibling.id))
                #expect(sibling.traffic.value.opened == 1)
            }
        }

        @Test("when the last caller gives up, the lookup ends; giving up twice, or an unknown share, has no effect")
        func last() async throws {
            try await SharedLookupTests.run { stage in
                let (code, sibling) = (ClusterUnderTest.code(1), stage.sibling)
                try await stage.ask(0..<3, for: code)
                await sibling.traffic.wait { !$0.requests.isEmpty }
                try await stage.abandon(0..<2, of: code)
                try await stage.abandon(0..<2, of: code)
                try await stage.abandon(7..<9, of: code)
                #expect(stage.counts.withLockedValue { $0.lookups[.cancelled] } == 0)
                try await stage.abandon(2..<3, of: code)
                #expect(stage.replies.value.count == 3)
                #expect(stage.counts.withLockedValue { $0.lookups[.cancelled] } == 1)
                #expect(sibling.traffic.value.closed == 0)
            }
        }
    }
}
