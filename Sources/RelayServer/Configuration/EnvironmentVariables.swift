internal import Configuration

/// A typed reader of environment variables, whose errors name the variable.
///
/// An empty variable counts as unset.
struct EnvironmentVariables {
    private let reader: ConfigReader

    init(_ reader: ConfigReader) {
        self.reader = reader
    }

    /// The value as set, even if it is empty.
    func raw(_ variable: String) -> String? {
        // The reader's keys are dotted and its environment provider joins them with underscores in upper case.
        reader.string(forKey: ConfigKey(variable.lowercased().split(separator: "_").map(String.init)))
    }

    func text(_ variable: String) -> String? {
        raw(variable).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A whole number within the range.
    func number(
        _ variable: String, default standard: Int, in range: ClosedRange<Int> = 0...Int(Int32.max)
    ) throws(ConfigurationError) -> Int {
        try value(variable, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            EnvironmentVariables.number(text, in: range)
        } ?? standard
    }

    static func number(_ text: String, in range: ClosedRange<Int>) -> Int? {
        // Digits only: `Int` would take a sign as well.
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(text).flatMap { range.contains($0) ? $0 : nil }
    }

    /// The value as parsed by `parse`.
    ///
    /// - Parameter expected: a description of valid values.
    func value<Value>(
        _ variable: String, _ expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        try value(variable, expected, mayBeShown: true, parse)
    }

    /// The same for a value that no error may show.
    func secret<Value>(
        _ variable: String, _ expected: String, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        try value(variable, expected, mayBeShown: false, parse)
    }

    private func value<Value>(
        _ variable: String, _ expected: String, mayBeShown: Bool, _ parse: (String) -> Value?
    ) throws(ConfigurationError) -> Value? {
        guard let text = text(variable) else { return nil }
        guard let value = parse(text) else {
            throw ConfigurationError(variable: variable, value: mayBeShown ? text : nil, expected: expected)
        }
        return value
    }
}

/// An error about a variable with an invalid value, as one line for the operator.
package struct ConfigurationError: Error, Hashable, CustomStringConvertible {
    package let variable: String
    /// Nil for a secret.
    package let value: String?
    package let expected: String

    package var description: String {
        // Quoted with escapes, so that the error stays one line.
        let found = value.map { ", not \(String($0.prefix(100)).debugDescription)" }
        return "\(variable) must be \(expected)\(found ?? "")"
    }
}
