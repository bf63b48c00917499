import RelayWire
import TestSupport
import Testing

/// The standard library is the reference.
@Suite("UTF-8 in pieces")
struct UTF8ValidatorTests {
    private static func isValid(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }

    /// True if some text begins with these bytes: they are valid, or one of the possible ends makes them so.
    private static func canBegin(_ bytes: [UInt8]) -> Bool {
        if isValid(bytes) { return true }
        for byte: UInt8 in [0x80, 0x90, 0xA0] {
            for end in [[byte], [byte, 0x80], [byte, 0x80, 0x80]] where isValid(bytes + end) {
                return true
            }
        }
        return false
    }

    /// The validator's verdict on the pieces: nil once it refuses, else true if the text may end there.
    private static func verdict(_ pieces: ArraySlice<UInt8>...) -> Bool? {
        var validator = UTF8Validator()
        for piece in pieces {
            guard validator.consume(piece.span) else { return nil }
        }
        return validator.isComplete
    }

    private static func expected(_ bytes: [UInt8]) -> Bool? {
        isValid(bytes) ? true : canBegin(bytes) ? false : nil
    }

    @Test("the verdict on every sequence of one or two bytes matches the standard library's, whole and split")
    func shortSequences() {
        var wrong: [[UInt8]] = []
        let openings = (UInt8.min...UInt8.max).map { Self.expected([$0]) }
        for first in UInt8.min...UInt8.max {
            let opening = openings[Int(first)]
            let firstAlone = [first]
            var afterFirst = UTF8Validator()
            let firstVerdict = afterFirst.consume(firstAlone.span) ? afterFirst.isComplete : nil
            if firstVerdict != opening { wrong.append(firstAlone) }
            for second in UInt8.min...UInt8.max {
                let bytes = [first, second]
                // What is lost stays lost, and after a whole character the next byte is judged like a first one.
                let expected: Bool? =
                    switch opening {
                    case nil: nil
                    case true?: openings[Int(second)]
                    case false?: Self.expected(bytes)
                    }
                var whole = UTF8Validator()
                let wholeVerdict = whole.consume(bytes.span) ? whole.isComplete : nil
                if wholeVerdict != expected { wrong.append(bytes) }
                guard opening != nil else { continue }
                var cut = afterFirst
                let secondAlone = [second]
                let cutVerdict = cut.consume(secondAlone.span) ? cut.isComplete : nil
                if cutVerdict != expected { wrong.append(bytes) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test(
        "the verdict on three and four bytes around every boundary matches the standard library's",
        arguments: [
            0x7F, 0x80, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ] as [UInt8])
    func boundaries(lead: UInt8) {
        let seconds: [UInt8] = [0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC2, 0xFF]
        let others: [UInt8] = [0x7F, 0x80, 0xBF, 0xC0]
        // Behind it: enough to make the validator take it as one of many bytes.
        let rest = Array("abcdefghijklm".utf8)
        var wrong: [[UInt8]] = []
        for second in seconds {
            for third in others {
                for bytes in [[lead, second, third]] + others.map({ [lead, second, third, $0] }) {
                    let isRight =
                        Self.verdict(bytes[...]) == Self.expected(bytes)
                        && Self.verdict((bytes + rest)[...]) == (Self.isValid(bytes) ? true : nil)
                    if !isRight { wrong.append(bytes) }
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test(
        "the verdict on random text, intact or damaged, matches the standard library's, however it is split",
        arguments: 1...60)
    func randomText(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bytes = Array(generator.text(upTo: 40).utf8)
        if seed.isMultiple(of: 2), !bytes.isEmpty {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        let expected = Self.expected(bytes)
        for cut in 0...bytes.count {
            #expect(Self.verdict(bytes[..<cut], bytes[cut...]) == expected, "cut at \(cut)")
        }
    }

    @Test("the first byte that cannot belong to any text is refused at once", arguments: 100...140)
    func failsFast(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var bytes = Array((generator.text(upTo: 30) + "ü").utf8)
        bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0x80...255, using: &generator)
        var validator = UTF8Validator()
        for (index, byte) in bytes.enumerated() {
            let piece = [byte]
            let goesOn = validator.consume(piece.span)
            #expect(goesOn == Self.canBegin(Array(bytes[...index])), "byte \(index) of \(bytes)")
            guard goesOn else { return }
        }
    }

    @Test("one invalid byte is found at every place of a long text", arguments: [0xFF, 0x80, 0xC0] as [UInt8])
    func badByteAnywhere(bad: UInt8) {
        for place in 0..<150 {
            var bytes = [UInt8](repeating: 0x61, count: 150)
            #expect(Self.verdict(bytes[...]) == true)
            bytes[place] = bad
            #expect(Self.verdict(bytes[...]) == nil, "place \(place)")
        }
    }
}
