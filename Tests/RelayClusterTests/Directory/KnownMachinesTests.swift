import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

@Suite("Machines that are known")
struct KnownMachinesTests {
    /// Lists on a clock of seconds, with a memory of ten.
    struct Clocked {
        var known = KnownMachines(memory: .seconds(10))

        static func at(_ second: Int64) -> NIODeadline { .uptimeNanoseconds(1_000_000_000) + .seconds(second) }

        /// - Parameter machines: ids; in capitals for those of other regions.
        mutating func list(_ machines: String, _ second: Int64) {
            var list = MachineList()
            for text in machines {
                guard let id = InstanceID("\(text)") else { continue }
                list.add(.init(id: id, isSibling: text.isLowercase))
            }
            known.listed(list, now: Self.at(second))
        }

        mutating func siblings(_ second: Int64) -> String {
            known.siblings(now: Self.at(second)).map(\.text).joined()
        }

        mutating func others(_ second: Int64) -> String { known.others(now: Self.at(second)).map(\.text).joined() }
    }

    @Test("a machine that a newer list lacks is known for ten seconds more, behind those that it names")
    func partial() throws {
        var clocked = Clocked()
        #expect(clocked.siblings(0) == "")
        clocked.list("abcXY", 0)
        #expect(clocked.siblings(0) == "abc" && clocked.others(0) == "abcXY")
        clocked.list("bX", 100)
        #expect(clocked.siblings(100) == "bac" && clocked.others(100) == "bacXY")
        #expect(clocked.siblings(109) == "bac")
        #expect(clocked.siblings(110) == "b" && clocked.others(110) == "bX")
    }

    @Test("lists that are parts of one make the whole, and who is named again is no longer missing")
    func rotating() {
        var clocked = Clocked()
        clocked.list("abcd", 0)
        for second: Int64 in stride(from: 5, to: 100, by: 10) {
            clocked.list("ab", second)
            #expect(Set(clocked.siblings(second)) == Set("abcd"))
            clocked.list("cd", second + 5)
            #expect(Set(clocked.siblings(second + 5)) == Set("abcd"))
        }
        // Their time is not prolonged by lists that lack them too.
        clocked.list("cd", 106)
        #expect(clocked.siblings(109) == "cdab" && clocked.siblings(110) == "cd")
    }

    @Test("only the latest list names a machine, and an earlier one still has its addresses")
    func latest() throws {
        let (first, second) = (try #require(InstanceID("a")), try #require(InstanceID("b")))
        let address = try SocketAddress(ipAddress: "fd00::1", port: 1)
        var list = MachineList()
        list.add(.init(id: first, isSibling: true, addresses: [address]))
        var clocked = Clocked()
        clocked.known.listed(list, now: Clocked.at(0))
        #expect(clocked.known.isListed(first) && !clocked.known.isListed(second))
        #expect(clocked.known.addresses(of: first) == [address] && clocked.known.addresses(of: second) == [])
        clocked.list("b", 1)
        #expect(!clocked.known.isListed(first) && clocked.known.isListed(second))
        #expect(clocked.known.addresses(of: first) == [address])
    }

    @Test("however many machines come and go, those that are missing are bounded")
    func bounded() {
        var clocked = Clocked()
        for round in 0..<5 {
            var list = MachineList()
            for number in 0..<MachineList.maxSiblings {
                InstanceID("m-\(round)-\(number)").map { list.add(.init(id: $0, isSibling: true)) }
            }
            clocked.known.listed(list, now: Clocked.at(0))
        }
        #expect(clocked.known.siblings(now: Clocked.at(0)).count == 2 * MachineList.maxSiblings)
    }
}
