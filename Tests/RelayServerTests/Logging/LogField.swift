/// A value in a JSON log line.
enum LogField: Hashable, Decodable, ExpressibleByStringInterpolation {
    case text(String)
    case number(Double)
    case truth(Bool)

    init(stringLiteral value: String) {
        self = .text(value)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let truth = try? container.decode(Bool.self) {
            self = .truth(truth)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    /// The text; nil for anything else.
    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }
}
