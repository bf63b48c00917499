internal import Foundation
import RelayCore

/// A client's message read in the plainest way: the outermost object is cut at its commas, and Foundation decodes the
/// pieces.
struct PlainMessage {
    /// The text of the value of each key; the last one counts.
    private var values: [String: [UInt8]] = [:]

    /// Nil if the text is no object.
    init?(_ text: [UInt8]) {
        let text = Self.trimmed(text[...])
        guard text.first == UInt8(ascii: "{") else { return nil }
        for member in Self.cut(text.dropFirst().dropLast(), at: UInt8(ascii: ",")) {
            let parts = Self.cut(member, at: UInt8(ascii: ":"))
            guard parts.count == 2, let key = Self.string(Self.trimmed(parts[0])) else { continue }
            values[key] = Array(Self.trimmed(parts[1]))
        }
    }

    /// False for a text on which Foundation and the scanner may differ for good reasons; the fuzzer of JSON knows those.
    static func understands(_ text: [UInt8]) -> Bool {
        let isAccepted = (try? JSONScanner.scan(text.span)) != nil
        guard isAccepted == FoundationOracle.foundationAccepts(text) else { return false }
        guard let message = PlainMessage(text) else { return true }
        // A number longer than this has more digits than a decimal number of Foundation's.
        return ["to", "maxClients", "hold", "v", "index"].allSatisfy { name in
            message.values[name].map { $0.count < 20 && !$0.contains { $0 | 0x20 == UInt8(ascii: "e") } } ?? true
        }
    }

    subscript(name: String) -> [UInt8]? { values[name] }

    /// Nil for a value that is no string.
    func string(_ name: String) -> String? { values[name].flatMap { Self.string($0[...]) } }

    /// The number if it is a slot's.
    func index(_ name: String) -> Int? {
        guard let number = number(name), number >= 0 else { return nil }
        let index = NSDecimalNumber(decimal: number).intValue
        return Decimal(index) == number ? index : nil
    }

    /// The number rounded up, if it is 1 or more.
    func positiveRoundedUp(_ name: String) -> Int? {
        guard let number = number(name), number >= 1 else { return nil }
        return nonNegativeRoundedUp(name)
    }

    /// The number rounded up, if it is 0 or more.
    func nonNegativeRoundedUp(_ name: String) -> Int? {
        guard let number = number(name), number >= 0 else { return nil }
        let index = NSDecimalNumber(decimal: number).intValue
        return Decimal(index) < number ? index + 1 : index
    }

    private func number(_ name: String) -> Decimal? {
        guard let text = values[name], let first = text.first, "-0123456789".utf8.contains(first) else { return nil }
        return Decimal(string: String(decoding: text, as: UTF8.self))
    }

    private static func string(_ text: ArraySlice<UInt8>) -> String? {
        guard text.first == UInt8(ascii: "\"") else { return nil }
        return (try? JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed])) as? String
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let isBlank = { (byte: UInt8) in " \t\n\r".utf8.contains(byte) }
        return text.drop(while: isBlank).reversed().drop(while: isBlank).reversed()[...]
    }

    /// Cuts a valid text at those separators that are in no string, array or object.
    private static func cut(_ text: ArraySlice<UInt8>, at separator: UInt8) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        var depth = 0
        var isInString = false
        var isEscaped = false
        for index in text.indices {
            let byte = text[index]
            if isEscaped {
                isEscaped = false
            } else if isInString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isInString = false }
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if "[{".utf8.contains(byte) {
                depth += 1
            } else if "]}".utf8.contains(byte) {
                depth -= 1
            } else if byte == separator, depth == 0 {
                pieces.append(text[start..<index])
                start = index + 1
            }
        }
        return pieces + [text[start...]]
    }
}
