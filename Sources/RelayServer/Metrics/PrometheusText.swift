/// Writes the Prometheus text format, version 0.0.4.
struct PrometheusText {
    enum Kind: String {
        case counter
        case gauge
    }

    typealias Label = (name: String, value: String)

    private(set) var bytes: [UInt8] = []
    /// Written on every series.
    private let commonLabels: [UInt8]

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
            bytes.append(contentsOf: name.utf8)
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: commonLabels)
            if !labels.isEmpty {
                bytes.append(UInt8(ascii: ","))
                bytes.append(contentsOf: PrometheusText.text(of: labels))
            }
            bytes.append(contentsOf: "} \(value)\n".utf8)
        }
    }

    private static func text(of labels: [Label]) -> [UInt8] {
        var text: [UInt8] = []
        for (name, value) in labels {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: name.utf8)
            text.append(contentsOf: "=\"".utf8)
            for byte in value.utf8 { append(escaped: byte, to: &text) }
            text.append(UInt8(ascii: "\""))
        }
        return text
    }

    private static func append(escaped byte: UInt8, to text: inout [UInt8]) {
        // Byte by byte: a hostile origin is all quotes, and appending even a short sequence costs ten times as much.
        switch byte {
        case UInt8(ascii: "\\"), UInt8(ascii: "\""):
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        case UInt8(ascii: "\n"):
            text.append(UInt8(ascii: "\\"))
            text.append(UInt8(ascii: "n"))
        default:
            text.append(byte)
        }
    }
}
