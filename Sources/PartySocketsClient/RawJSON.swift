#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// One JSON value as its bytes: what a game sends, and what it gets.
///
/// The relay passes a sender's bytes on as they are, so nothing is lost on the way: numbers beyond 2^53, `1.0`, the
/// order of keys.
public struct RawJSON: Hashable, Sendable, CustomStringConvertible {
    /// The value in UTF-8.
    public let bytes: [UInt8]

    /// A value that is already JSON.
    ///
    /// - Parameter bytes: one JSON value in UTF-8. They are not checked: the relay refuses a message that is no JSON
    ///   (`PartyError.Code.invalidJSON`), and bytes that end the value early would change the message around it.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A value that is already JSON, as a text. It is not checked either.
    public init(text: String) {
        bytes = Array(text.utf8)
    }

    /// A value of a game's own type.
    ///
    /// - Throws: `PartyError` with `notEncodable` if it has no JSON: a number that is not finite, for example.
    public init(encoding value: some Encodable) throws(PartyError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        do {
            bytes = Array(try encoder.encode(value))
        } catch {
            throw PartyError(.notEncodable, "The value cannot be written as JSON: \(error)")
        }
    }

    /// The value as a game's own type.
    ///
    /// - Throws: `PartyError` with `notDecodable` if it is another type's.
    public func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws(PartyError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw PartyError(.notDecodable, "The message is no \(type): \(error)")
        }
    }

    /// The value as a text.
    public var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension RawJSON {
    /// The length by which the relay bounds a state: without white space between values, and with escapes as the
    /// characters they stand for.
    var compactLength: Int {
        var length = 0
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\"") {
                let end = JSONMember.endOfString(in: bytes, from: index)
                length += Self.compactLength(ofString: bytes[index..<end])
                index = end
            } else {
                if !JSONMember.isSpace(bytes[index]) { length += 1 }
                index += 1
            }
        }
        return length
    }

    private static func compactLength(ofString string: ArraySlice<UInt8>) -> Int {
        guard string.contains(UInt8(ascii: "\\")), let decoded = try? RawJSON(bytes: Array(string)).decode(String.self)
        else { return string.count }
        return ClientMessage.quoted(decoded).utf8.count
    }
}
