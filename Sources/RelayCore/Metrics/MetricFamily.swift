/// One metric with all its series, on its way to the metrics page.
///
/// A value between modules that do not know each other: whoever counts hands these to whoever is scraped.
package struct MetricFamily: Hashable, Sendable {
    /// The kind of the metric, and what there is of it.
    package enum Samples: Hashable, Sendable {
        case counter([Sample])
        case gauge([Sample])
        /// One series: a histogram is many lines on the page as it is.
        case histogram(HistogramSnapshot)
    }

    /// One series and its value.
    package struct Sample: Hashable, Sendable {
        package let labels: [Label]
        package let value: MetricValue

        package init(_ labels: [Label], _ value: MetricValue) {
            self.labels = labels
            self.value = value
        }

        /// The only series of its metric.
        package init(_ value: MetricValue) {
            self.init([], value)
        }
    }

    /// What tells one series of a metric from another.
    package struct Label: Hashable, Sendable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package let name: String
    package let help: String
    package let samples: Samples

    package init(_ name: String, _ help: String, _ samples: Samples) {
        self.name = name
        self.help = help
        self.samples = samples
    }
}

/// A number on the metrics page.
///
/// Time is kept in whole nanoseconds, since a sum of fractions would drift, and written in seconds, as is the custom.
package enum MetricValue: Hashable, Sendable, ExpressibleByIntegerLiteral {
    case count(Int)
    case nanoseconds(Int)

    package init(integerLiteral value: Int) {
        self = .count(value)
    }
}
