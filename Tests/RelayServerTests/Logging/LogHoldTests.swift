import Logging
import Testing

@testable import RelayServer

@Suite("Held log lines")
struct LogHoldTests {
    @Test("lines wait until the hold is released, and come in their order, with what they had then")
    func waits() {
        let (pipe, hold) = (LogPipe(), LogHold())
        var logger = Logger(label: "test") { _ in HeldLogHandler(pipe.handler, until: hold) }
        logger[metadataKey: "number"] = "1"
        logger.info("one")
        logger[metadataKey: "number"] = "2"
        logger.info("two")
        #expect(pipe.readWhatIsThere().isEmpty)
        hold.release()
        logger.info("three")
        let lines = String(decoding: pipe.readWhatIsThere(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 3)
        for (line, (message, number)) in zip(lines, [("one", 1), ("two", 2), ("three", 2)]) {
            #expect(line.contains("\"message\":\"\(message)\"") && line.contains("\"number\":\"\(number)\""))
        }
        hold.release()
        #expect(pipe.readWhatIsThere().isEmpty)
    }

    @Test("a level that is off stays off")
    func level() {
        let (pipe, hold) = (LogPipe(), LogHold())
        var logger = Logger(label: "test") { _ in HeldLogHandler(pipe.handler, until: hold) }
        logger.logLevel = .warning
        logger.info("quiet")
        logger.error("loud")
        hold.release()
        let text = String(decoding: pipe.readWhatIsThere(), as: UTF8.self)
        #expect(text.contains("loud") && !text.contains("quiet"))
    }
}
