internal import RelayCore
internal import TestSupport
internal import Testing

/// A `send` as programs write it is read at a few words. Whatever looks like one is read as any other text would be.
@Suite("A send as programs write it")
struct UsualSendTests {
    /// What a message says: with white space in front of it, a text is read without the words.
    private struct Reading: Equatable {
        var error: RelayError?
        var kind: ClientMessage.Kind?
        var data: JSONValue?
        var to: JSONValue?

        init(of text: [UInt8], behind space: Int = 0) {
            let bytes = [UInt8](repeating: UInt8(ascii: " "), count: space) + text
            do throws(RelayError) {
                let message = try ClientMessage.parse(bytes.span)
                kind = message.kind
                data = message.data.map { Reading.value($0, movedBy: space) }
                to = message.to.map { Reading.value($0, movedBy: space) }
            } catch {
                self.error = error
            }
        }

        private static func value(_ value: JSONValue, movedBy space: Int) -> JSONValue {
            JSONValue(kind: value.kind, range: value.range.lowerBound - space..<value.range.upperBound - space)
        }
    }

    private static let values = [
        #"{"x":0.5,"y":-1,"b":[0,1]}"#, "{}", "[[],{}]", "-0", #""a\u00eb""#, "true", "null",
        #"{"a":"a text of more than sixteen bytes","b":{"c":[1e5]}}"#,
    ]

    private static func texts(data: String, to: String) -> [String] {
        [
            #"{"type":"send","data":\#(data)}"#, #"{"type":"send","to":\#(to),"data":\#(data)}"#,
            #"{"type":"send","data":\#(data),"to":\#(to)}"#, #"{"type":"send","to":\#(to),"data":\#(data),"to":8}"#,
            #"{"type":"send","data":1,"data":\#(data)}"#, #"{"type":"send","data":\#(data),"type":"join"}"#,
            #"{"type":"send","to":\#(to),"data":\#(data) }"#, #"{"type":"send","to":\#(to),"data": \#(data)}"#,
            #"{"type":"send","data":\#(data),"x":{},"to":\#(to)}"#, #"{"type":"send","to":\#(to)}"#,
        ]
    }

    @Test(
        "it says what it says in any other layout",
        arguments: ["0", "3", "9", "12", "-1", "1.0", "null", "[1]", "\"1\""])
    func agrees(to: String) {
        for data in Self.values {
            for text in Self.texts(data: data, to: to) {
                let reading = Reading(of: Array(text.utf8))
                #expect(reading == Reading(of: Array(text.utf8), behind: 1), "\(text)")
                #expect(reading.error == nil, "\(text)")
            }
        }
    }

    @Test("one that has changed in a byte, or is cut off or drawn out, is read as any other text", arguments: values)
    func changed(data: String) {
        for text in Self.texts(data: data, to: "4").prefix(3).map({ Array($0.utf8) }) {
            for place in text.indices {
                check(Array(text[..<place]))
                check(text + text[place...])
                check(Array(text[..<place] + text[(place + 1)...]))
                for byte in #" \x0",:{}[]/:5"#.utf8 + [0, 0x1F, 0x80, 0xC3] {
                    check(text[..<place] + [byte] + text[(place + 1)...])
                    check(text[..<place] + [byte] + text[place...])
                }
            }
        }
    }

    @Test("so is one that has changed at random", arguments: 1...4 as ClosedRange<UInt64>)
    func changedAtRandom(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        for data in Self.values {
            for text in Self.texts(data: data, to: "4") {
                for _ in 0..<20 {
                    var text = Array(text.utf8)
                    for _ in 0...dice.roll(3) { text[dice.roll(text.count)] = dice.bytes(1)[0] }
                    check(text)
                }
            }
        }
    }

    private func check(_ text: [UInt8]) {
        if Reading(of: text) != Reading(of: text, behind: 1) {
            Issue.record("\(String(decoding: text, as: UTF8.self))")
        }
    }
}
