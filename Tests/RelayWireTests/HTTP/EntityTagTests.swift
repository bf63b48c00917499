import RelayWire
import Testing

@Suite("Entity tags")
struct EntityTagTests {
    private static let tag = EntityTag("a1")

    @Test("a tag is written in quotes")
    func text() {
        #expect(Self.tag.text == "\"a1\"")
    }

    @Test(
        "If-None-Match names a tag by weak comparison, wherever in the list, or all with an asterisk",
        arguments: [
            (["\"a1\""], true), (["W/\"a1\""], true), (["*"], true), ([" \t* \t"], true), (["\"x\", \"a1\""], true),
            (["\"a1\",\"x\""], true), ([",, ,\"x\" ,\t W/\"a1\" ,"], true), (["\"x,y\", \"a1\""], true),
            (["\"\", \"a1\""], true), (["\"x\"", "\"a1\""], true), (["mistake", "\"a1\""], true),
            (["\"ü\", \"a1\""], true), (["W/\"W/\", \"a1\""], true), (["\"a1\" mistake \"x\"", "*"], true),
            ([], false), ([""], false), ([","], false), (["\"\""], false), (["\"a\""], false), (["\"a12\""], false),
            (["\"A1\""], false), (["a1"], false), (["\"a1"], false), (["a1\""], false), (["\"x,\"a1\""], false),
            (["\"x, a1\""], false), (["w/\"a1\""], false), (["W/ \"a1\""], false), (["W\"a1\""], false),
            (["W/a1"], false), (["W/"], false), (["W"], false), (["\""], false), (["\"a1\"\"x\""], false),
            (["\"x\" \"a1\""], false), (["\"x\";\"a1\""], false), (["\"a 1\""], false), (["**"], false),
            (["\"*\""], false), (["*, \"x\""], false), (["\"x\", *"], false), (["'a1'"], false),
        ] as [([String], Bool)])
    func named(fields: [String], isNamed: Bool) throws {
        let lines = ["GET /client.js HTTP/1.1", "Host: a", "If-Match: \"a1\""]
        let request = try ReadRequest(HeadText(lines: lines + fields.map { "if-NONE-match: \($0)" }))
        #expect(Self.tag.isNamed(by: request.head, in: request.bytes.span) == isNamed)
    }

    @Test("a long list is read to its end")
    func long() throws {
        let others = (0..<1_000).map { "\"\($0)\"" }.joined(separator: ",")
        for (list, isNamed) in [(others, false), (others + ",\"a1\"", true)] {
            let request = try ReadRequest(
                HeadText(lines: ["GET / HTTP/1.1", "Host: a", "If-None-Match: \(list)"]))
            #expect(Self.tag.isNamed(by: request.head, in: request.bytes.span) == isNamed)
        }
    }
}
