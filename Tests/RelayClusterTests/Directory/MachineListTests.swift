import RelayCore
import TestSupport
import Testing

@testable import RelayCluster

@Suite("The list of machines")
struct MachineListTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let records: [String]
        let siblings: [String]

        init(_ description: String, _ records: [String], _ siblings: [String]) {
            testDescription = description
            self.records = records
            self.siblings = siblings
        }
    }

    static let cases = [
        Case("pairs of our region are siblings", ["a1 iad,b2 iad"], ["a1", "b2"]),
        Case("other regions are left out", ["a1 ams,b2 iad,c3 nrt"], ["b2"]),
        Case("we ourselves are left out", ["self iad,b2 iad"], ["b2"]),
        Case("several records are one list", ["a1 iad", "b2 iad,c3 ams", "d4 iad"], ["a1", "b2", "d4"]),
        Case("each machine is listed once", ["a1 iad,a1 iad", "b2 iad,a1 iad"], ["a1", "b2"]),
        Case("spaces around a pair do no harm", [" a1 iad , b2  iad "], ["a1", "b2"]),
        Case("an entry without a region is skipped", ["a1,b2 iad,c3 "], ["b2"]),
        Case("an entry with further words is skipped", ["a1 iad x,b2 iad"], ["b2"]),
        Case("a region in capitals is none", ["a1 IAD,b2 iad"], ["b2"]),
        Case("an id with other characters is skipped", ["a_1 iad,a.1 iad,a/1 iad,b2 iad,a:1 iad"], ["b2"]),
        Case("an id that is too long is skipped", [String(repeating: "a", count: 65) + " iad,b2 iad"], ["b2"]),
        Case("an id of other letters is skipped", ["å1 iad,b2 iad"], ["b2"]),
        Case("line ends and tabs are no part of an id", ["a1\r\nHost: x iad,b2 iad,c\t3 iad,d\u{0}4 iad"], ["b2"]),
        Case("a query in an id is none", ["a1?instance=b iad,a1&b iad,a%31 iad,b2 iad"], ["b2"]),
        Case("empty entries are nothing", [",,b2 iad,,", "", ","], ["b2"]),
    ]

    static func list(_ records: [[UInt8]]) throws -> MachineRecords {
        MachineRecords(records, region: try #require(Region(name: "iad")), own: InstanceID("self"))
    }

    static func siblings(_ records: MachineRecords) -> [InstanceID] {
        records.list.machines.filter(\.isSibling).map(\.id)
    }

    @Test("siblings are other machines of the same region", arguments: cases)
    func isSibling(example: Case) throws {
        let records = try MachineListTests.list(example.records.map { Array($0.utf8) })
        #expect(MachineListTests.siblings(records).map(\.text) == example.siblings)
        #expect(records.namesMachines)
    }

    @Test("an entry that is not UTF-8 is skipped, and only that entry")
    func invalidUTF8() throws {
        let records = try MachineListTests.list([[0xFF, 0xC3] + Array(" iad,b2 iad,".utf8) + [0xC3], [0x80]])
        #expect(MachineListTests.siblings(records).map(\.text) == ["b2"])
    }

    @Test("a list without machines is not trusted", arguments: [[], [""], [","], ["garbage"], ["a1,b2", "c_3 iad"]])
    func nothing(records: [String]) throws {
        #expect(try !MachineListTests.list(records.map { Array($0.utf8) }).namesMachines)
    }

    @Test(
        "a list with only this machine and other regions means no siblings", arguments: ["self iad", "a1 ams"])
    func alone(record: String) throws {
        let records = try MachineListTests.list([Array(record.utf8)])
        #expect(records.namesMachines && MachineListTests.siblings(records).isEmpty)
    }

    @Test("the number of siblings taken is bounded")
    func bounded() throws {
        let entries = (0..<3_000).map { "machine-\($0) iad" }
        let records = try MachineListTests.list([Array(entries.joined(separator: ",").utf8)])
        #expect(MachineListTests.siblings(records).map(\.text) == (0..<MachineList.maxSiblings).map { "machine-\($0)" })
        #expect(!records.list.hasAllSiblings && records.list.hasAllDistant)
    }

    @Test("machines of other regions are listed with ours, in order, up to a bound of their own")
    func distant() throws {
        let records = try MachineListTests.list([Array("a1 ams,self iad,b2 iad,c3 nrt,a1 ams".utf8)])
        #expect(records.list.machines.map(\.id.text) == ["a1", "b2", "c3"])
        #expect(records.list.machines.map(\.isSibling) == [false, true, false])
        #expect(records.list.hasAllSiblings && records.list.hasAllDistant)
        let entries = (0..<5_000).map { "far-\($0) ams" } + ["near iad"]
        let long = try MachineListTests.list([Array(entries.joined(separator: ",").utf8)])
        #expect(long.list.machines.map(\.id.text) == (0..<MachineList.maxDistant).map { "far-\($0)" } + ["near"])
        #expect(long.list.hasAllSiblings && !long.list.hasAllDistant)
    }

    @Test("from any bytes only machine ids are taken, and a valid last entry is found")
    func fuzzed() throws {
        var random = SeededGenerator(seed: 3)
        let alphabet = Array("ai1 ,-\r\n?&%\u{0}".utf8) + [0xFF, 0xC3]
        for _ in 0..<2_000 {
            let noise = (0..<random.roll(60)).map { _ in alphabet[random.roll(alphabet.count)] }
            let records = try MachineListTests.list([noise + Array(",last iad".utf8)])
            #expect(MachineListTests.siblings(records).last?.text == "last")
            #expect(MachineListTests.siblings(records).allSatisfy { InstanceID($0.text) == $0 })
        }
    }
}
