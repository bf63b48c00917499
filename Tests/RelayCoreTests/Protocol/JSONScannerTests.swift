internal import RelayCore
internal import Testing

@Suite("JSON scanner")
struct JSONScannerTests {
    @Test(
        "everything that the grammar of RFC 8259 allows is accepted",
        arguments: [
            "null", "true", "false", "0", "-0", "-0.0e-0", "1E+05", "10.25e3", #""""#, "[]", "{}", " \t\n\r[ ] \t\n\r",
            #"{"a":1,"a":2}"#, #"{"":{"b":[1,[2,{}],"c"]}}"#, #""\"\\\/\b\f\n\r\t\u00e9\uABCD""#, "\"\u{7F}\"",
            "\"é漢😀\u{FEFF}\u{FFFF}\u{10FFFF}\"", #"{"a" : 1 , "b" : [ 1 , 2 ] }"#, "[[],{},[[]]]",
        ])
    func accepted(_ text: String) {
        #expect(JSONTest.accepts(text))
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", " ", "nul", "nulL", "True", "truefalse", "NaN", "Infinity", "01", "-01", "-", "+1", ".5", "1.", "1.e1",
            "1e", "1e+", "1e+-5", "1e-+5", "1e1.5", "0x10", "1 2", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[", "]", "[]]",
            "[1}", "{1}", "{]",
            "{", "}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,"a":1}"#, #"{"a":1 "b":2}"#, #"{"a":1:2}"#, "{a:1}",
            "{1:1}", "{null:1}", "'a'", #"""#, #""a"#, #""\""#, #""\x41""#, #""\'""#, #""\U0041""#, #""\u""#,
            #""\u004""#, #""\u004g""#, #""\u+041""#, #""\u 041""#, "\"\u{1F}\"", "\"\0\"", "\"\t\"", "\"\n\"",
            "\u{FEFF}1", "\u{A0}1", "\u{0B}1", "\u{0C}1", "1\0", "\0", "//1", "/**/1", "1//", "[1]#", "é",
        ])
    func refused(_ text: String) {
        #expect(!JSONTest.accepts(text))
    }

    @Test(
        "an escaped surrogate may stand alone",
        arguments: [#""\ud83d""#, #""\ude00""#, #""\ud83d\ud83d""#, #""\uD83Dx""#])
    func loneSurrogates(_ text: String) {
        #expect(JSONTest.accepts(text))
    }

    @Test("every proper prefix of a text is refused")
    func prefixes() {
        let text = Array(#"{"a":[1.5e3,true,null,"x\u0041\n"],"é":{"b":-2}}"#.utf8)
        #expect(JSONTest.accepts(text))
        for length in text.indices {
            #expect(!JSONTest.accepts(Array(text[..<length])), "the first \(length) bytes")
        }
    }

    @Test("a byte that ends or invalidates a string is found at any position")
    func bytesInStrings() {
        // Strings are looked at sixteen bytes at a time, while there are so many.
        for length in Array(1...18) + [31, 32, 33, 34, 47, 48, 49, 73] {
            for offset in 0..<length {
                for byte in UInt8.min...UInt8.max {
                    var content = [UInt8](repeating: UInt8(ascii: "a"), count: length)
                    content[offset] = byte
                    let isPlain = 0x20..<0x80 ~= byte && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                    // The only other way to be valid: a backslash in front of another plain byte, here always an `a`.
                    if JSONTest.accepts(JSONTest.string(content)) != isPlain {
                        Issue.record("byte \(byte) at \(offset) of \(length)")
                    }
                }
            }
        }
    }

    @Test(
        "exactly the well-formed sequences of two, three and four bytes are accepted in strings"
    )
    func utf8() {
        let edges: [UInt8] = [0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0]
        func check(_ content: [UInt8]) {
            // Bytes of ASCII have rules of their own.
            guard content.allSatisfy({ $0 >= 0x80 || $0 == 0x41 }) else { return }
            let isValid = String(validating: content, as: UTF8.self) != nil
            if JSONTest.accepts(JSONTest.string(content)) != isValid { Issue.record("bytes \(content)") }
        }
        for lead in UInt8(0x80)...0xFF {
            check([lead])
            for second in UInt8.min...UInt8.max {
                check([lead, second])
            }
            for second in edges where lead >= 0xC0 {
                for third in edges {
                    check([lead, second, third])
                    for fourth in [0x41, 0x80, 0xC0] as [UInt8] {
                        check([lead, second, third, fourth])
                    }
                }
            }
        }
    }

    @Test(
        "containers nest up to 512 deep, without using the stack",
        arguments: [("[", "]"), (#"{"a":"#, "}"), (#"[{"a":"#, "}]")])
    func depth(opening: String, closing: String) {
        let step = opening.count(where: { $0 == "[" || $0 == "{" })
        func nested(_ depth: Int) -> String {
            String(repeating: opening, count: depth / step) + "1" + String(repeating: closing, count: depth / step)
        }
        #expect(JSONTest.accepts(nested(512)))
        #expect(!JSONTest.accepts(nested(512 + step)))
        #expect(!JSONTest.accepts(nested(1_000_000)))
        #expect((try? ClientMessage.parse(Array((#"{"type":"send","data":"# + nested(512) + "}").utf8).span)) == nil)
    }

    @Test("the kinds of outer containers survive deep nesting")
    func depthIsUnwound() {
        let opening = (0..<500).map { $0.isMultiple(of: 3) ? "[" : #"{"a":"# }
        let closing = (0..<500).reversed().map { $0.isMultiple(of: 3) ? ",1]" : #","b":2}"# }
        #expect(JSONTest.accepts(opening.joined() + "0" + closing.joined()))
        #expect(!JSONTest.accepts(opening.joined() + "0" + closing.reversed().joined()))
    }

    @Test(
        "at any depth a container ends with its own bracket alone",
        arguments: [1, 2, 3, 61, 62, 63, 64, 65, 126, 512])
    func brackets(depth: Int) {
        for isArrayOutside in [false, true] {
            let isArray = (0..<depth).map { $0.isMultiple(of: 3) == isArrayOutside }
            let opening = isArray.map { $0 ? "[" : #"{"a":"# }.joined()
            var closing = isArray.reversed().map { $0 ? "]" : "}" }
            #expect(JSONTest.accepts(opening + "1" + closing.joined()))
            #expect(JSONTest.accepts(opening + "[]" + closing.joined()) == (depth < JSONScanner.maximumDepth))
            for place in closing.indices {
                let bracket = closing[place]
                closing[place] = bracket == "]" ? "}" : "]"
                if JSONTest.accepts(opening + "1" + closing.joined()) { Issue.record("\(place) of \(depth)") }
                closing[place] = bracket
            }
        }
    }

    @Test("a string ends where it ends, however near the end of the text it begins")
    func lastStrings() {
        for length in 0..<20 {
            for before in 0..<20 {
                let front = Array(("[" + String(repeating: "1", count: before) + (before > 0 ? "," : "")).utf8)
                for place in 0...length {
                    for byte in [0x00, 0x1F, 0x22, 0x41, 0x5C, 0x7F, 0x80] as [UInt8] {
                        var content = [UInt8](repeating: UInt8(ascii: "a"), count: length + 1)
                        content[place] = byte
                        let isAccepted = JSONTest.accepts(front + JSONTest.string(content) + [UInt8(ascii: "]")])
                        if isAccepted != (byte == 0x41 || byte == 0x7F) {
                            Issue.record("byte \(byte) at \(place) of \(length + 1), \(before) before")
                        }
                    }
                }
            }
        }
    }

    @Test("a value's range excludes surrounding white space")
    func range() throws {
        for (text, kind) in [
            ("{ }", .object), ("[1 ]", .array), (#""a""#, .string), ("-1e5", .number), ("true", .bool), ("null", .null),
        ] as [(String, JSONValue.Kind)] {
            let bytes = Array("\n \(text)\t ".utf8)
            #expect(try JSONScanner.scan(bytes.span) == JSONValue(kind: kind, range: 2..<(2 + text.utf8.count)))
        }
    }
}
