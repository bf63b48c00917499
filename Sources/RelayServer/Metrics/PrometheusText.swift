internal import RelayCore

/// A writer of the Prometheus text format, version 0.0.4.
struct PrometheusText {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    typealias Label = (name: String, value: String)

    private(set) var bytes: [UInt8] = []
    /// Labels written on every series.
    private let commonLabels: [UInt8]

    init(commonLabels: [Label]) {
        self.commonLabels = PrometheusText.text(of: commonLabels)
    }

    mutating func add(_ family: MetricFamily) {
        switch family.samples {
        case .counter(let samples): add(family, .counter, samples)
        case .gauge(let samples): add(family, .gauge, samples)
        case .histogram(let histogram): add(family, histogram)
        }
    }

    private mutating func add(_ family: MetricFamily, _ kind: Kind, _ samples: [MetricFamily.Sample]) {
        describe(family.name, kind, family.help)
        for sample in samples { append(family.name, sample.labels.map { ($0.name, $0.value) }, sample.value) }
    }

    /// Appends a histogram. Its buckets are cumulative: each includes those before it.
    private mutating func add(_ family: MetricFamily, _ histogram: HistogramSnapshot) {
        describe(family.name, .histogram, family.help)
        let bounds = histogram.upperBounds.map { MetricValue.nanoseconds($0).text } + ["+Inf"]
        var total = 0
        for (bound, count) in zip(bounds, histogram.counts) {
            total += count
            append("\(family.name)_bucket", [("le", bound)], .count(total))
        }
        append("\(family.name)_sum", [], .nanoseconds(histogram.sum))
        append("\(family.name)_count", [], .count(total))
    }

    private mutating func describe(_ name: String, _ kind: Kind, _ help: String) {
        bytes.append(contentsOf: "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8)
    }

    private mutating func append(_ name: String, _ labels: [Label], _ value: MetricValue) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "{"))
        bytes.append(contentsOf: commonLabels)
        if !labels.isEmpty {
            bytes.append(UInt8(ascii: ","))
            bytes.append(contentsOf: PrometheusText.text(of: labels))
        }
        bytes.append(contentsOf: "} \(value.text)\n".utf8)
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
        // Byte by byte: a hostile origin may be all quotes, and appending even a short sequence costs ten times as
        // much.
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

extension MetricValue {
    /// The number as the format requires: times in seconds, exact to the nanosecond, without trailing zeros.
    var text: String {
        switch self {
        case .count(let count):
            return "\(count)"
        case .nanoseconds(let nanoseconds):
            let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
            guard rest != 0 else { return "\(seconds)" }
            let digits = String(rest.magnitude)
            var fraction = String(repeating: "0", count: 9 - digits.count) + digits
            while fraction.last == "0" { fraction.removeLast() }
            return "\(nanoseconds < 0 ? "-" : "")\(seconds.magnitude).\(fraction)"
        }
    }
}
