import RelayCore
import TestSupport
import Testing

@Suite("The fuzzers' inputs")
struct CorpusTests {
    @Test("a text is read as Foundation reads it", arguments: FuzzCorpus.inputs(of: "fuzz-json"))
    func text(input: FuzzCorpus.Input) throws {
        try FuzzedMessage.check(input.bytes)
    }

    @Test("messages have the consequences of the plainest relay", arguments: FuzzCorpus.inputs(of: "fuzz-rooms"))
    func script(input: FuzzCorpus.Input) throws {
        #expect(try !RelayScript(input.bytes).check().isEmpty)
    }

    @Test("there are inputs", arguments: ["fuzz-json", "fuzz-rooms"])
    func exist(fuzzer: String) {
        #expect(FuzzCorpus.inputs(of: fuzzer).count > 12)
    }

    @Test("a script is played line by line")
    func lines() throws {
        let script = """
            0{"type":"create","clientId":"h","maxClients":2}
            1{"type":"join","clientId":"g","room":"111111"}
            1{"type":"send","data":[1]}
            0
            *
            """
        let said = try RelayScript(Array(script.utf8)).check().map(\.description)
        #expect(
            said == [
                #"0 hears {"type":"created","room":"111111","instance":"","region":"","index":0}"#,
                #"0 hears {"type":"peer_joined","index":1}"#,
                #"1 hears {"type":"joined","room":"111111","index":1,"peers":[0]}"#,
                #"0 hears {"type":"message","from":1,"data":[1]}"#,
                #"1 hears {"type":"peer_left","index":0}"#,
                "1 hears room closed",
            ])
    }
}
