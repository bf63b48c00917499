/// A strict reader of the Prometheus text format 0.0.4, for what a relay writes: plain decimal numbers, each metric with
/// HELP and TYPE, all of one metric together.
package struct ExpositionFormat {
    package struct Sample: Hashable {
        package let name: String
        package let labels: [String: String]
        package let value: Double

        package init(name: String, labels: [String: String], value: Double) {
            self.name = name
            self.labels = labels
            self.value = value
        }
    }

    package struct Malformed: Error {
        let line: String
        let reason: String
    }

    /// The kind that is declared for each name.
    package private(set) var kinds: [String: String] = [:]
    package private(set) var samples: [Sample] = []
    private var helped: Set<String> = []

    package init(_ text: [UInt8]) throws(Malformed) {
        guard let text = String(validating: text, as: UTF8.self) else {
            throw Malformed(line: "", reason: "no UTF-8")
        }
        guard text.utf8.last == UInt8(ascii: "\n") else {
            throw Malformed(line: "", reason: "the last line has no end")
        }
        for line in text.unicodeScalars.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            try read(String(line))
        }
        for name in helped {
            let names = kinds[name] == "histogram" ? ExpositionFormat.histogramNames(name) : [name]
            for name in names where !samples.contains(where: { $0.name == name }) {
                throw Malformed(line: name, reason: "no sample")
            }
        }
    }

    package func samples(of name: String) -> [Sample] {
        samples.filter { $0.name == name }
    }

    private mutating func read(_ line: String) throws(Malformed) {
        if line.hasPrefix("# ") {
            try readComment(line)
        } else {
            let sample = try ExpositionFormat.sample(in: line)
            // Only under its own TYPE line: the samples of one metric are not scattered.
            guard expected.contains(sample.name) else { throw Malformed(line: line, reason: "not under its TYPE") }
            guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
                throw Malformed(line: line, reason: "the same series again")
            }
            samples.append(sample)
        }
    }

    /// What the samples after the last TYPE line are called.
    private var expected: [String] = []

    private static func histogramNames(_ name: String) -> [String] {
        ["\(name)_bucket", "\(name)_sum", "\(name)_count"]
    }

    private mutating func readComment(_ line: String) throws(Malformed) {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        guard words.count == 4, ExpositionFormat.isName(words[2], colonAllowed: true) else {
            throw Malformed(line: line, reason: "neither HELP nor TYPE")
        }
        switch words[1] {
        case "HELP":
            guard helped.insert(words[2]).inserted else { throw Malformed(line: line, reason: "HELP again") }
            guard !words[3].contains("\\") else { throw Malformed(line: line, reason: "an escape in HELP") }
        case "TYPE":
            guard helped.contains(words[2]), kinds[words[2]] == nil else {
                throw Malformed(line: line, reason: "TYPE again, or without HELP before it")
            }
            guard ["counter", "gauge", "histogram"].contains(words[3]) else {
                throw Malformed(line: line, reason: "unknown type")
            }
            kinds[words[2]] = words[3]
            expected = words[3] == "histogram" ? ExpositionFormat.histogramNames(words[2]) : [words[2]]
        default:
            throw Malformed(line: line, reason: "a comment")
        }
    }

    private static func sample(in line: String) throws(Malformed) -> Sample {
        var rest = Substring(line)
        let name = String(rest.prefix { $0 != "{" && $0 != " " })
        guard isName(name, colonAllowed: true) else { throw Malformed(line: line, reason: "no name") }
        rest.removeFirst(name.count)
        guard rest.popFirst() == "{" else { throw Malformed(line: line, reason: "no labels") }
        var labels: [String: String] = [:]
        repeat {
            let label = String(rest.prefix { $0 != "=" })
            guard isName(label, colonAllowed: false) else { throw Malformed(line: line, reason: "no label name") }
            rest.removeFirst(label.count)
            guard rest.hasPrefix("=\"") else { throw Malformed(line: line, reason: "no label value") }
            let value = try labelValue(&rest, line)
            guard labels.updateValue(value, forKey: label) == nil else {
                throw Malformed(line: line, reason: "a label again")
            }
        } while popComma(&rest)
        guard rest.hasPrefix("} "), let value = number(rest.dropFirst(2)) else {
            throw Malformed(line: line, reason: "no value")
        }
        return Sample(name: name, labels: labels, value: value)
    }

    /// Without the exponents and words that the format allows and the relay does not write.
    private static func number(_ text: Substring) -> Double? {
        let isPlain = text.utf8.allSatisfy {
            (UInt8(ascii: "-")...UInt8(ascii: "9")).contains($0) && $0 != UInt8(ascii: "/")
        }
        return isPlain ? Double(text) : nil
    }

    private static func popComma(_ rest: inout Substring) -> Bool {
        guard rest.first == "," else { return false }
        rest.removeFirst()
        return true
    }

    /// Reads `="value"`, scalar by scalar: a letter with an accent of its own is more than one.
    private static func labelValue(_ rest: inout Substring, _ line: String) throws(Malformed) -> String {
        var scalars = rest.unicodeScalars.dropFirst(2)
        var value = String.UnicodeScalarView()
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"":
                rest = Substring(scalars)
                return String(value)
            case "\\":
                switch scalars.popFirst() {
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                case "n": value.append("\n")
                default: throw Malformed(line: line, reason: "unknown escape")
                }
            default:
                value.append(scalar)
            }
        }
        throw Malformed(line: line, reason: "a label value without end")
    }

    private static func isName(_ text: String, colonAllowed: Bool) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) || scalar == "_"
                || colonAllowed && scalar == ":"
        }
    }
}
