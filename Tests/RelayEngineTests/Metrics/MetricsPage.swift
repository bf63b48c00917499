/// A page in the Prometheus text format, read strictly: every line must be one of the format's.
struct MetricsPage {
    struct Series {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    struct Malformed: Error {
        let line: String
    }

    /// The kind that is declared for each name.
    private(set) var kinds: [String: String] = [:]
    private(set) var series: [Series] = []

    init(_ text: String) throws {
        guard text.hasSuffix("\n") else { throw Malformed(line: "the last one has no end") }
        for line in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("# HELP ") { continue }
            if let kind = line.wholeMatch(of: /# TYPE ([a-z_]+) (counter|gauge|histogram)/) {
                guard kinds.updateValue(String(kind.2), forKey: String(kind.1)) == nil else {
                    throw Malformed(line: String(line))
                }
            } else {
                series.append(try Series(line))
            }
        }
    }

    /// The value of the series of this name that has no label of its own, or this origin.
    subscript(_ name: String, origin origin: String? = nil) -> Double? {
        let found = series.filter { $0.name == name && $0.labels["origin"] == origin }
        return found.count == 1 ? found.first?.value : nil
    }

    /// The values of the series of this name by one of their labels, without those that are 0.
    func counts(_ name: String, by label: String) -> [String: Double] {
        let found = series.filter { $0.name == name && $0.value != 0 }
        return Dictionary(found.map { ($0.labels[label, default: ""], $0.value) }, uniquingKeysWith: +)
    }

    /// The kind of the metric that a series belongs to.
    func kind(of series: Series) -> String? {
        if let kind = kinds[series.name] { return kind == "histogram" ? nil : kind }
        guard let end = series.name.lastIndex(of: "_") else { return nil }
        return kinds[String(series.name[..<end])].flatMap { $0 == "histogram" ? $0 : nil }
    }
}

extension MetricsPage.Series {
    fileprivate init(_ line: Substring) throws {
        guard let parts = line.wholeMatch(of: /([a-z_]+)\{(.*)\} ([0-9]+(\.[0-9]+)?)/), let value = Double(parts.3)
        else { throw MetricsPage.Malformed(line: String(line)) }
        var labels: [String: String] = [:]
        var rest = parts.2
        while let label = rest.prefixMatch(of: /([a-z_]+)="((?:[^"\\]|\\["\\n])*)"(,|$)/) {
            labels[String(label.1)] = String(label.2)
            rest = rest[label.range.upperBound...]
        }
        guard rest.isEmpty else { throw MetricsPage.Malformed(line: String(line)) }
        self.init(name: String(parts.1), labels: labels, value: value)
    }
}

extension RunningRelay {
    /// What a scrape finds.
    func page() throws -> MetricsPage {
        try MetricsPage(try get("/metrics").body)
    }
}
