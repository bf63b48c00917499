import Testing

@testable import RelayServer

@Suite("Whether a debugger is there")
struct ProgramMemoryTests {
    @Test(
        "the status of a process tells who traces it",
        arguments: [
            ("Name:\tparty-sockets\nTracerPid:\t0\nUid:\t0\n", false),
            ("Name:\tparty-sockets\nTracerPid:\t4711\nUid:\t0\n", true), ("TracerPid:\t10", true),
            ("Name:\tTracerPid:\nTracerPid:\t0", false), ("", false),
        ])
    func tracer(status: String, isTraced: Bool) {
        #expect(ProgramMemory.isTraced(status: status) == isTraced)
    }
}
