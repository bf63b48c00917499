import RelayCore
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
        "with siblings, sockets are reserved for the search too: an eighth, up to one for each of a large region",
        arguments: [(65_536, 1_024, 64_461, 61_238), (1_024, 128, 845, 803), (128, 16, 61, 45), (0, 8, 1, 1)])
    func sharesWithSearch(openFiles: Int, search: Int, sockets: Int, connections: Int) throws {
        let machine = MachineLimits(processors: 1, openFiles: openFiles)
        #expect(machine.searchSockets == search)
        #expect(machine.sockets(loops: 1, search: search) == sockets)
        #expect(machine.connections(loops: 1, search: search) == connections)
    }

    @Test("only a relay with siblings reserves sockets for the search")
    func reservesForSearch() throws {
        let machine = MachineLimits(processors: 1, openFiles: 1_024)
        let routing = ["FLY_APP_NAME": "game", "FLY_REGION": "iad", "RELAY_THREADS": "1"]
        let (alone, cluster) = (
            try Environment.configuration(["RELAY_THREADS": "1"], on: machine),
            try Environment.configuration(routing, on: machine)
        )
        #expect(alone.engine.transport.maxSockets == 973 && cluster.engine.transport.maxSockets == 845)
        #expect(cluster.cluster?.sockets == 128)
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
