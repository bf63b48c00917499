import RelayCore
import Testing

@Suite("Machines that a replay has not reached")
struct UnreachableMachinesTests {
    private static func machine(_ number: Int) throws -> InstanceID { try #require(InstanceID("m\(number)")) }

    @Test("a failure counts up to its end, and a later one anew")
    func time() throws {
        var machines = UnreachableMachines()
        let one = try Self.machine(1)
        #expect(!machines.contains(one, now: 0))
        machines.note(one, until: 10, now: 0)
        #expect(machines.contains(one, now: 9))
        #expect(!machines.contains(one, now: 10))
        machines.note(one, until: 30, now: 20)
        #expect(machines.contains(one, now: 29))
        #expect(!machines.contains(try Self.machine(2), now: 29))
    }

    @Test("whatever ids clients send, the table has a bound, and what is over makes way")
    func bound() throws {
        var machines = UnreachableMachines()
        for number in 0..<2_000 { machines.note(try Self.machine(number), until: 10, now: 0) }
        #expect(machines.count == 256)
        #expect(machines.contains(try Self.machine(0), now: 5))
        #expect(!machines.contains(try Self.machine(1_999), now: 5))
        // One that is in it is noted again.
        machines.note(try Self.machine(0), until: 30, now: 5)
        machines.note(try Self.machine(1_999), until: 30, now: 20)
        #expect(machines.count == 2)
        #expect(machines.contains(try Self.machine(0), now: 25))
        #expect(machines.contains(try Self.machine(1_999), now: 25))
    }
}
