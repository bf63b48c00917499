import RelayCore
import Testing

@Suite("Text of clients in the log")
struct LogTextTests {
    @Test(
        "a client's text stays one harmless line of bounded length",
        arguments: [
            ("https://game.example", "https://game.example"), ("", ""), ("caf\u{E9} \u{1F600}", "caf\u{E9} \u{1F600}"),
            ("a\nb\rc\td\u{0}e\u{7F}f", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}e\u{FFFD}f"),
            ("\u{1B}[31mred", "\u{FFFD}[31mred"), ("\u{9B}31mred", "\u{FFFD}31mred"),
            ("moc.live\u{202E}", "moc.live\u{FFFD}"), ("a\u{200B}b\u{FEFF}c\u{2028}d", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d"),
            ("\u{E000}\u{10FFFF}", "\u{FFFD}\u{FFFD}"),
        ])
    func lines(text: String, line: String) {
        #expect(LogText.line(text) == line)
    }

    @Test(
        "a long text is cut off between scalars",
        arguments: [
            (String(repeating: "x", count: 128), 128, false), (String(repeating: "x", count: 129), 128, true),
            (String(repeating: "\u{1F600}", count: 33), 128, true),
            ("x" + String(repeating: "\u{E9}", count: 64), 127, true),
            (String(repeating: "\n", count: 100_000), 126, true),
        ])
    func long(text: String, kept: Int, isCut: Bool) {
        let line = LogText.line(text)
        #expect(line.hasSuffix("\u{2026}") == isCut)
        #expect(line.utf8.count == kept + (isCut ? 3 : 0))
    }
}
