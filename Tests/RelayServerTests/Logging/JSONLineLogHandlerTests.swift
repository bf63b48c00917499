import Logging
import Testing

@testable import RelayServer

@Suite("JSON log lines")
struct JSONLineLogHandlerTests {
    @Test("an event is one object on one line: time, level, message and metadata")
    func writesLine() throws {
        let pipe = LogPipe()
        pipe.logger().warning("limit reached", metadata: ["limit": "rooms", "loop": "\(3)"])
        var object = try #require(try LogPipe.objects(in: pipe.closeAndRead()).first)
        let time = object.removeValue(forKey: "time")?.text ?? ""
        #expect(time.wholeMatch(of: /20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z/) != nil)
        #expect(object == ["level": "warning", "message": "limit reached", "limit": "rooms", "loop": "3"])
    }

    @Test(
        "numbers and truth values are written as such, and texts as texts, whatever they look like",
        arguments: [
            (.stringConvertible(7), "7"), (.stringConvertible(-7), "-7"),
            (.stringConvertible(UInt64.max), "\(UInt64.max)"),
            (.stringConvertible(UInt16(4_001)), "4001"), (.stringConvertible(0.25), "0.25"),
            (.stringConvertible(3.0), "3.0"),
            (.stringConvertible(1e-7), "1e-07"), (.stringConvertible(true), "true"),
            (.stringConvertible(false), "false"),
            (.stringConvertible(Double.infinity), #""inf""#), (.stringConvertible("7"), #""7""#),
            ("123456", #""123456""#),
            ("true", #""true""#), ("1e5", #""1e5""#), ("", #""""#), ("null", #""null""#),
            (.stringConvertible(Substring("12")), #""12""#), (["1", "2"], #""[\"1\", \"2\"]""#),
        ] as [(Logger.MetadataValue, String)])
    func keepsTypes(value: Logger.MetadataValue, written: String) throws {
        let pipe = LogPipe()
        pipe.logger().info("m", metadata: ["k": value])
        let bytes = pipe.closeAndRead()
        #expect(String(decoding: bytes, as: UTF8.self).hasSuffix(#","k":\#(written)}"# + "\n"))
        #expect(try LogPipe.objects(in: bytes).count == 1)
    }

    @Test("the fields of every line come first, and the others in the order of their names")
    func ordersFields() throws {
        let pipe = LogPipe()
        pipe.logger().info("m", metadata: ["b": "2", "c": "3", "a": "1"])
        let line = String(decoding: pipe.closeAndRead(), as: UTF8.self)
        #expect(line.hasPrefix("{\"time\":\""))
        #expect(line.hasSuffix("Z\",\"level\":\"info\",\"message\":\"m\",\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}\n"))
    }

    @Test(
        "any text stays on its line and is read back unchanged, as a message, a key or a value",
        arguments: [
            "two\nlines\r\n", "\"quoted\" \\ back", "\u{0}\u{1}\u{1F}\u{7F}", "tab\t", "e\u{301} \u{1F600} \u{2028}",
            "{\"a\":1}", "",
        ])
    func escapes(text: String) throws {
        let pipe = LogPipe()
        pipe.logger().info("\(text)", metadata: ["k\(text)": "\(text)"])
        let objects = try LogPipe.objects(in: pipe.closeAndRead())
        #expect(objects.count == 1)
        #expect(objects.first?["message"] == .text(text))
        #expect(objects.first?["k\(text)"] == .text(text))
    }

    @Test("the event's metadata takes precedence over the logger's, and the logger's over the provider's")
    func mergesMetadata() throws {
        let pipe = LogPipe()
        var logger = pipe.logger {
            $0.metadataProvider = Logger.MetadataProvider {
                ["all": "provider", "two": "provider", "provider": "provider"]
            }
        }
        logger[metadataKey: "all"] = "logger"
        logger[metadataKey: "two"] = "logger"
        logger[metadataKey: "logger"] = "logger"
        #expect(logger[metadataKey: "two"] == "logger")
        logger.info("m", metadata: ["all": "event"])
        let object = try #require(try LogPipe.objects(in: pipe.closeAndRead()).first)
        let own = object.filter { !["time", "level", "message"].contains($0.key) }
        #expect(own == ["all": "event", "two": "logger", "logger": "logger", "provider": "provider"])
    }

    @Test(
        "no key occurs twice in a line, whatever the metadata's keys are", arguments: ["time", "level", "message"])
    func keepsNamesApart(name: String) throws {
        let pipe = LogPipe()
        pipe.logger().info("m", metadata: ["\(name)": "mine"])
        let bytes = pipe.closeAndRead()
        let line = String(decoding: bytes, as: UTF8.self)
        #expect(line.ranges(of: "\"\(name)\":").count == 1)
        #expect(line.contains(":\"mine\""))
    }

    @Test("an error is logged")
    func tellsErrors() throws {
        struct Broken: Error, CustomStringConvertible { let description = "it \"broke\"" }
        let pipe = LogPipe()
        pipe.logger().error("m", error: Broken())
        #expect(try LogPipe.objects(in: pipe.closeAndRead()).first?["error"] == "it \"broke\"")
    }

    @Test("events below the level are not written")
    func hasLevel() throws {
        let pipe = LogPipe()
        var logger = pipe.logger()
        logger.debug("no")
        logger.info("yes")
        logger.logLevel = .error
        logger.warning("no")
        logger.critical("yes")
        #expect(try LogPipe.objects(in: pipe.closeAndRead()).map { $0["level"] } == ["info", "critical"])
    }

    @Test("while nobody reads, lines are lost and nobody waits; once somebody reads, the next lines arrive")
    func neverWaits() throws {
        let pipe = LogPipe()
        let logger = pipe.logger()
        let text = String(repeating: "x", count: 400)
        let isFree = pipe.withoutReader {
            for number in 0..<3_000 { logger.info("\(text)", metadata: ["line": "\(number)"]) }
        }
        #expect(isFree)
        let lines = try LogPipe.objects(in: pipe.readWhatIsThere()).map { $0["line"] }
        #expect((1_000..<3_000).contains(lines.count))
        #expect(lines == lines.indices.map { .text("\($0)") })
        logger.info("again")
        #expect(try LogPipe.objects(in: pipe.closeAndRead()).map { $0["message"] } == ["again"])
    }

    @Test("the lines of several threads do not mix, and none is lost")
    func keepsLinesWhole() async throws {
        let pipe = LogPipe()
        let logger = pipe.logger()
        let (threads, lines) = (4, 200)
        await withTaskGroup(of: Void.self) { writers in
            for thread in 0..<threads {
                writers.addTask {
                    for line in 0..<lines {
                        let text = String(repeating: "\(thread)", count: 400)
                        logger.info("\(text)", metadata: ["line": "\(line)"])
                    }
                }
            }
        }
        let objects = try LogPipe.objects(in: pipe.closeAndRead())
        #expect(objects.count == threads * lines)
        for thread in 0..<threads {
            let own = objects.filter { $0["message"] == .text(String(repeating: "\(thread)", count: 400)) }
            #expect(own.map { $0["line"] } == (0..<lines).map { .text("\($0)") })
        }
    }
}
