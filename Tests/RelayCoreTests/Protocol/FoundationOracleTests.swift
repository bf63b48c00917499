internal import Foundation
internal import TestSupport
internal import Testing

@Suite("JSON scanner and Foundation")
struct FoundationOracleTests {
    @Test(
        "the scanner and Foundation disagree only for known reasons",
        arguments: [
            #""\ud83d""#, #"{"\ud83d":["\ude00"]}"#, #""\\ud83d""#, "1e999", "[-1e999,1e-999]", "[1,]",
            #"{"a":[1 , ] , }"#,
            "\u{FEFF}1", "1\0", "\0001", "[1]\0", #""\u0000""#, #""1e999,]""#, "[,]", "[1,,]", "{,}",
        ])
    func knownReasons(_ text: String) {
        expectConfirmed(Array(text.utf8))
    }

    @Test(
        "texts in UTF-16 and UTF-32 are refused", arguments: [String.Encoding.utf16, .utf16BigEndian, .utf32])
    func otherEncodings(_ encoding: String.Encoding) throws {
        let text = Array(try #require("[1,2]".data(using: encoding)))
        #expect(FoundationOracle.foundationAccepts(text) && !JSONTest.accepts(text))
        expectConfirmed(text)
    }

    @Test("a disagreement for an unknown reason is reported")
    func unknownReasons() {
        for text in ["[1]", "[1", #""\ud83d"#, "[1e999", "1e999]", "[1,]]"] {
            let bytes = Array(text.utf8)
            let opposite = !JSONTest.accepts(bytes)
            #expect(!FoundationOracle.confirms(opposite, on: bytes) { _ in opposite }, "\(text)")
        }
    }

    @Test(
        "the scanner and Foundation agree on generated texts, valid and damaged",
        arguments: 1...8 as ClosedRange<UInt64>)
    func generated(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            var text = JSONTextGenerator.text(using: &random)
            expectConfirmed(text)
            for _ in 0..<3 {
                JSONTextGenerator.damage(&text, using: &random)
                expectConfirmed(text)
            }
        }
    }

    private func expectConfirmed(_ text: [UInt8]) {
        let isAccepted = JSONTest.accepts(text)
        guard !FoundationOracle.confirms(isAccepted, on: text, scannerAccepts: JSONTest.accepts) else { return }
        Issue.record(
            "accepted: \(isAccepted), which nothing explains: \(String(decoding: text, as: UTF8.self)) \(text)")
    }
}

/// JSON texts of every kind, and ways to spoil them.
private enum JSONTextGenerator {
    private static let scalars = [
        "null", "true", "false", "0", "-0", "12", "-3.25", "1e5", "2E-7", "1e999", "123456789012345678901234567890",
        #""""#,
        #""a""#, #""plain text of some length""#, #""é漢😀""#, #""\ud83d\ude00""#, #""\ud83d""#, #""\"\\\/\b\u0041""#,
    ]
    private static let tokens = [
        "[", "]", "{", "}", ",", ":", "\"", "\\", "\\u", "0", "-", ".", "e", " ", "\t", "\u{1}", "é",
    ]

    static func text(using random: inout SeededGenerator) -> [UInt8] {
        Array(value(depth: 0, using: &random).utf8)
    }

    private static func value(depth: Int, using random: inout SeededGenerator) -> String {
        let space = ["", "", "", " ", "\n"].randomElement(using: &random) ?? ""
        switch Int.random(in: depth > 4 ? 2...3 : 0...3, using: &random) {
        case 0:
            let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                value(depth: depth + 1, using: &random)
            }
            return "[\(space)\(elements.joined(separator: ",\(space)"))]"
        case 1:
            let members = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                "\"k\(space == "\n" ? "" : space)\"\(space):" + value(depth: depth + 1, using: &random)
            }
            return "{\(members.joined(separator: "\(space),"))\(space)}"
        default:
            return space + (scalars.randomElement(using: &random) ?? "null") + space
        }
    }

    static func damage(_ text: inout [UInt8], using random: inout SeededGenerator) {
        let offset = Int.random(in: 0...text.count, using: &random)
        switch Int.random(in: 0...3, using: &random) {
        case 0 where offset < text.count: text.remove(at: offset)
        case 1 where offset < text.count: text[offset] = UInt8.random(in: .min ... .max, using: &random)
        case 2 where offset < text.count: text.swapAt(offset, Int.random(in: text.indices, using: &random))
        default: text.insert(contentsOf: (tokens.randomElement(using: &random) ?? ",").utf8, at: offset)
        }
    }
}
