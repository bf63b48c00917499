import TestSupport
import Testing

@Suite("The fuzzers' inputs")
struct CorpusTests {
    @Test("a head is read as NIO reads it, however it is split", arguments: FuzzCorpus.inputs(of: "fuzz-http"))
    func head(input: FuzzCorpus.Input) throws {
        try FuzzedHead.check(input.bytes)
    }

    @Test("frames are read as the naive decoder reads them", arguments: FuzzCorpus.inputs(of: "fuzz-frames"))
    func frames(input: FuzzCorpus.Input) throws {
        try FuzzedFrames.check(input.bytes)
    }

    @Test("there are inputs", arguments: ["fuzz-http", "fuzz-frames"])
    func exist(fuzzer: String) {
        #expect(FuzzCorpus.inputs(of: fuzzer).count > 20)
    }
}
