import Logging
import Testing

@testable import RelayServer

@Suite("Log lines on a terminal")
struct TerminalStreamTests {
    @Test("an event is a line of text")
    func writesLine() {
        let pipe = LogPipe()
        pipe.terminalLogger().warning("limit reached", metadata: ["limit": "rooms"])
        let text = String(decoding: pipe.readWhatIsThere(), as: UTF8.self)
        #expect(text.contains("limit reached") && text.contains("limit=rooms") && text.hasSuffix("\n"))
    }

    @Test("while the terminal is stopped, lines are lost and nobody waits; once it resumes, the next lines arrive")
    func neverWaits() {
        let pipe = LogPipe()
        let logger = pipe.terminalLogger()
        // Of a length at which no line ends where the pipe does.
        let text = String(repeating: "x", count: 5_000)
        let isFree = pipe.withoutReader {
            for _ in 0..<1_000 { logger.info("\(text)") }
        }
        #expect(isFree)
        #expect(pipe.readWhatIsThere().count > 500_000)
        logger.info("again")
        #expect(String(decoding: pipe.readWhatIsThere(), as: UTF8.self).contains("again"))
    }

    @Test("the lines of several threads all arrive")
    func keepsLinesWhole() async {
        let pipe = LogPipe()
        let logger = pipe.terminalLogger()
        await withTaskGroup(of: Void.self) { writers in
            for _ in 0..<4 {
                writers.addTask { for _ in 0..<200 { logger.info("line") } }
            }
        }
        let lines = String(decoding: pipe.readWhatIsThere(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 800 && lines.allSatisfy { $0.hasSuffix("line") })
    }
}
