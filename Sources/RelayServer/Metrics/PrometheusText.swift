/// Writes the Prometheus text format, version 0.0.4.
struct PrometheusText {
    enum Kind: String {
        case counter
        case gauge
    }

    typealias Label = (name: String, value: String)

    private(set) var bytes: [UInt8] = []
    /// Written on every series.
    private let commonLabels: String

    init(commonLabels: [Label]) {
        self.commonLabels = PrometheusText.text(of: commonLabels)
    }

    /// A metric with one series.
    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        add(name, kind, help, series: [([], value)])
    }

    mutating func add(_ name: String, _ kind: Kind, _ help: String, series: [(labels: [Label], value: Int)]) {
        bytes.append(contentsOf: "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8)
        for (labels, value) in series {
            let own = PrometheusText.text(of: labels)
            let all = own.isEmpty ? commonLabels : "\(commonLabels),\(own)"
            bytes.append(contentsOf: "\(name){\(all)} \(value)\n".utf8)
        }
    }

    private static func text(of labels: [Label]) -> String {
        labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
