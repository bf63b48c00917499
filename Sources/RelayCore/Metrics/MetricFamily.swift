/// One metric with all its series, on its way to the metrics page.
///
/// A value passed between modules that do not know each other: those that count, and the one that is scraped.
package struct MetricFamily: Hashable, Sendable {
    /// The type of the metric, with its samples.
    package enum Samples: Hashable, Sendable {
        case counter([Sample])
        case gauge([Sample])
        /// A single series, which takes many lines on the page.
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

    /// A name and a value that distinguish one series of a metric from another.
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
/// Times are kept in whole nanoseconds, since a sum of fractions would drift, and written in seconds, as is customary.
package enum MetricValue: Hashable, Sendable, ExpressibleByIntegerLiteral {
    case count(Int)
    case nanoseconds(Int)

    package init(integerLiteral value: Int) {
        self = .count(value)
    }
}
