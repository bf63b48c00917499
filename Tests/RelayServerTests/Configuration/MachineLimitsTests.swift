import Testing

@testable import RelayServer

@Suite("Limits of the machine")
struct MachineLimitsTests {
    @Test(
        "a container's share of the processors is rounded up, and is nil without a quota",
        arguments: [
            ("100000 100000\n", 1), ("50000 100000\n", 1), ("150000 100000\n", 2), ("200000 100000", 2),
            ("400000 50000\n", 8), ("max 100000\n", nil), ("", nil), ("100000\n", nil), ("0 100000\n", nil),
            ("100000 0\n", nil), ("-1 100000\n", nil), ("100000 100000 1\n", nil), ("9223372036854775807 1", Int.max),
        ])
    func readsQuota(text: String, processors: Int?) {
        #expect(MachineLimits.processors(inQuota: text) == processors)
    }

    @Test(
        "some open files are reserved for the process and its loops, and some sockets for plain requests",
        arguments: [
            (128, 1, 77, 61), (1_024, 1, 973, 925), (1_024, 4, 964, 916), (65_536, 16, 65_440, 62_168),
            (1_024, 256, 208, 192), (64, 4, 4, 1), (0, 1, 1, 1),
        ])
    func sharesOpenFiles(openFiles: Int, loops: Int, sockets: Int, connections: Int) {
        let machine = MachineLimits(processors: 1, openFiles: openFiles)
        #expect(machine.sockets(loops: loops) == sockets)
        #expect(machine.connections(loops: loops) == connections)
    }

    @Test(
        "too few open files are an error of one line that tells how many are needed",
        arguments: [(1, 115), (4, 124), (8, 136), (256, 880)])
    func needsOpenFiles(loops: Int, needed: Int) throws {
        try MachineLimits(processors: 1, openFiles: needed).check(loops: loops)
        let refusal = #expect(throws: OpenFilesError.self) {
            try MachineLimits(processors: 1, openFiles: needed - 1).check(loops: loops)
        }
        let line = refusal?.description ?? ""
        #expect(line.contains("open files is \(needed - 1)"))
        #expect(line.contains("at least \(needed)"))
        #expect(line.contains("RELAY_THREADS \(loops)"))
        #expect(!line.contains("\n"))
    }

    @Test("the limits of this process are read")
    func readsThisMachine() {
        let machine = MachineLimits.raised()
        #expect(machine.processors >= 1)
        #expect(machine.openFiles >= machine.connections(loops: 1))
        #expect(machine.memory ?? 0 > 1 << 20)
    }
}
