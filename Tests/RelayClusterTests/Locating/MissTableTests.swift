import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

@Suite("Remembered misses")
struct MissTableTests {
    static func at(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(1) + .milliseconds(milliseconds) }

    @Test("a miss is remembered until it expires")
    func lifetime() throws {
        var table = MissTable(maxCount: 10)
        let code = ClusterUnderTest.code(1)
        #expect(table.location(of: code, now: Self.at(0)) == nil)
        table.remember(code, isConclusive: true, until: Self.at(2_000))
        #expect(table.location(of: code, now: Self.at(1_999)) == .nowhere)
        #expect(table.location(of: code, now: Self.at(2_000)) == nil)
        #expect(table.location(of: ClusterUnderTest.code(2), now: Self.at(0)) == nil)
    }

    @Test("a miss that was not conclusive is remembered as such")
    func inconclusive() throws {
        var table = MissTable(maxCount: 10)
        table.remember(ClusterUnderTest.code(1), isConclusive: false, until: Self.at(2_000))
        #expect(table.location(of: ClusterUnderTest.code(1), now: Self.at(0)) == .unknown)
        table.remember(ClusterUnderTest.code(1), isConclusive: true, until: Self.at(2_000))
        #expect(table.location(of: ClusterUnderTest.code(1), now: Self.at(0)) == .nowhere)
    }

    @Test("the last miss of a code counts, in whichever half the one before is")
    func renewed() throws {
        var table = MissTable(maxCount: 4)
        let code = ClusterUnderTest.code(0)
        table.remember(code, isConclusive: true, until: Self.at(2_000))
        for number: UInt64 in 1...2 {
            table.remember(ClusterUnderTest.code(number), isConclusive: true, until: Self.at(2_000))
        }
        table.remember(code, isConclusive: true, until: Self.at(1_000))
        #expect(table.location(of: code, now: Self.at(1_500)) == nil)
        #expect(table.count == 3)
    }

    @Test("the table stays within its bound, and always holds the latest half")
    func bounded() throws {
        var table = MissTable(maxCount: 100)
        for number: UInt64 in 0..<5_000 {
            table.remember(ClusterUnderTest.code(number), isConclusive: true, until: Self.at(2_000))
            #expect(table.count <= 100)
        }
        for number: UInt64 in 4_950..<5_000 {
            #expect(table.location(of: ClusterUnderTest.code(number), now: Self.at(0)) == .nowhere)
        }
        #expect(table.location(of: ClusterUnderTest.code(0), now: Self.at(0)) == nil)
    }
}
