import RelayEngine
import Testing

@testable import RelayServer

@Suite("Limits of the machine")
struct MachineLimitsTests {
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

    @Test(
        "where there is less than 256 MiB the default of MAX_BUFFERED_BYTES leaves room for the rest of the relay",
        arguments: [
            (nil, 96), (1 << 30, 96), (256 << 20, 96), (128 << 20, 32), (100 << 20, 18), (72 << 20, 4), (64 << 20, 4),
            (1 << 20, 4),
        ])
    func sharesMemory(memory: Int?, mebibytes: Int) throws {
        let machine = MachineLimits(processors: 1, openFiles: 1_024, memory: memory)
        let configuration = try Environment.configuration([:], on: machine)
        #expect(configuration.engine.transport.maxBufferedBytes == mebibytes << 20)
        let own = try Environment.configuration(["MAX_BUFFERED_BYTES": "100663297"], on: machine)
        #expect(own.engine.transport.maxBufferedBytes == 100_663_297)
    }

    @Test("the limits of this process are read")
    func readsThisMachine() {
        let machine = MachineLimits.raised()
        #expect(machine.processors >= 1)
        #expect(machine.openFiles >= machine.connections(loops: 1))
        #expect(machine.memory ?? 0 > 1 << 20)
    }
}
