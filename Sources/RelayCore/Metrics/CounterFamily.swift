/// A counter with one series for each value of a label, on its way to the metrics page.
///
/// A value between modules that do not know each other: whoever counts hands these to whoever is scraped.
package struct CounterFamily: Hashable, Sendable {
    package struct Series: Hashable, Sendable {
        package let value: String
        package let count: Int

        /// - Parameter value: the label's.
        package init(value: String, count: Int) {
            self.value = value
            self.count = count
        }
    }

    package let name: String
    package let help: String
    package let label: String
    package let series: [Series]

    package init(name: String, help: String, label: String, series: [Series]) {
        self.name = name
        self.help = help
        self.label = label
        self.series = series
    }
}
