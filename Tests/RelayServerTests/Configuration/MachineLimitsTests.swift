import Testing

@testable import RelayServer

@Suite("What the machine allows")
struct MachineLimitsTests {
    @Test(
        "a container's share of the processors is rounded up; without a quota there is none",
        arguments: [
            ("100000 100000\n", 1), ("50000 100000\n", 1), ("150000 100000\n", 2), ("200000 100000", 2),
            ("400000 50000\n", 8), ("max 100000\n", nil), ("", nil), ("100000\n", nil), ("0 100000\n", nil),
            ("100000 0\n", nil), ("-1 100000\n", nil), ("100000 100000 1\n", nil), ("9223372036854775807 1", Int.max),
        ])
    func readsQuota(text: String, processors: Int?) {
        #expect(MachineLimits.processors(inQuota: text) == processors)
    }

    @Test("this process may run on a processor and have files open")
    func readsThisMachine() {
        let machine = MachineLimits.raised()
        #expect(machine.processors >= 1)
        #expect(machine.openFiles >= machine.connections)
        #expect(machine.connections >= 1)
    }
}
