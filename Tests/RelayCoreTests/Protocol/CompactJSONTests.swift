import Foundation
import TestSupport
import Testing

@testable import RelayCore

@Suite("The compact form of a JSON text")
struct CompactJSONTests {
    @Test(
        "white space outside strings and needless escapes do not count",
        arguments: [
            ("null", 4), (" [ 1 , 2 ]\n", 5), (#"{ "a b" : "c d" }"#, 13), (#""\/""#, 3), (#""\u00e9""#, 4),
            ("\"é\"", 4),
            (#""\n""#, 4), (#""\u000a""#, 4), (#""\u0001""#, 8), (#""\"\\""#, 6), (#""\ud83d\ude00""#, 6),
            (#""\u0041""#, 3),
            (#"["\"",  "]"]"#, 10), ("1.0e5", 5), (#""  ""#, 4),
        ])
    func length(text: String, length: Int) {
        #expect(CompactJSON.length(of: text.utf8.span) == length)
    }

    @Test(
        "the length is that of what Foundation writes, and never more than the text's",
        arguments: 1...200 as ClosedRange<UInt64>)
    func oracle(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let pieces = [
            "a", " ", #"\""#, #"\\"#, #"\n"#, #"\u000a"#, #"\u0001"#, #"\u00e9"#, "é", "😀", #"\ud83d\ude00"#,
            #"\u0041"#, #"\b"#, #"\t"#,
        ]
        let strings = (0..<1 + dice.roll(4)).map { _ in
            "\"" + (0..<dice.roll(12)).map { _ in pieces[dice.roll(pieces.count)] }.joined() + "\""
        }
        let space = [" ", "", "\n\t", "  "]
        let text = "[" + strings.map { space[dice.roll(4)] + $0 + space[dice.roll(4)] }.joined(separator: ",") + "]"
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        let written = try JSONSerialization.data(withJSONObject: value, options: [.withoutEscapingSlashes])
        #expect(CompactJSON.length(of: text.utf8.span) == written.count, "\(text)")
        #expect(written.count <= text.utf8.count)
    }
}
