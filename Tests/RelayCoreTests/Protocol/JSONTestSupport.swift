internal import RelayCore

/// Helpers shared by the protocol's tests: texts in, verdicts out.
enum JSONTest {
    static func accepts(_ text: [UInt8]) -> Bool {
        (try? JSONScanner.scan(text.span)) != nil
    }

    static func accepts(_ text: String) -> Bool {
        accepts(Array(text.utf8))
    }

    static func string(_ content: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "\"")] + content + [UInt8(ascii: "\"")]
    }
}
