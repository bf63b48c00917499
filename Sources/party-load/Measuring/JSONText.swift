/// A JSON value that keeps the order of its members.
indirect enum JSONText: CustomStringConvertible {
    case null
    case integer(Int)
    case number(Double)
    case string(String)
    case boolean(Bool)
    case object(KeyValuePairs<String, JSONText>)

    init(_ value: Int?) { self = value.map { .integer($0) } ?? .null }
    init(_ value: Double?) { self = value.map { .number($0) } ?? .null }

    var description: String {
        switch self {
        case .null: "null"
        case .integer(let value): "\(value)"
        case .boolean(let value): "\(value)"
        // JSON has neither infinities nor NaN.
        case .number(let value): value.isFinite ? "\(value)" : "null"
        case .string(let text): JSONText.quoted(text)
        case .object(let members):
            "{" + members.map { "\(JSONText.quoted($0.key)):\($0.value)" }.joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
