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
        #expect(!table.contains(code, now: Self.at(0)))
        table.remember(code, until: Self.at(2_000))
        #expect(table.contains(code, now: Self.at(1_999)))
        #expect(!table.contains(code, now: Self.at(2_000)))
        #expect(!table.contains(ClusterUnderTest.code(2), now: Self.at(0)))
    }

    @Test("the last miss of a code counts, in whichever half the one before is")
    func renewed() throws {
        var table = MissTable(maxCount: 4)
        let code = ClusterUnderTest.code(0)
        table.remember(code, until: Self.at(2_000))
        for number: UInt64 in 1...2 { table.remember(ClusterUnderTest.code(number), until: Self.at(2_000)) }
        table.remember(code, until: Self.at(1_000))
        #expect(!table.contains(code, now: Self.at(1_500)))
        #expect(table.count == 3)
    }

    @Test("the table stays within its bound, and always holds the latest half")
    func bounded() throws {
        var table = MissTable(maxCount: 100)
        for number: UInt64 in 0..<5_000 {
            table.remember(ClusterUnderTest.code(number), until: Self.at(2_000))
            #expect(table.count <= 100)
        }
        for number: UInt64 in 4_950..<5_000 {
            #expect(table.contains(ClusterUnderTest.code(number), now: Self.at(0)))
        }
        #expect(!table.contains(ClusterUnderTest.code(0), now: Self.at(0)))
    }
}
