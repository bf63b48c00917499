/// The `Date` field of responses (RFC 9110, section 6.6.1), which is formatted once a second and not for each of them.
package struct DateField: Sendable {
    /// The moments that four digits of a year can name; a clock beyond them is wrong anyway.
    private static let moments = 0...253_402_300_799

    /// The whole line, its end included.
    private(set) var line: [UInt8]
    private var second: Int

    /// - Parameter second: in Unix time.
    package init(second: Int) {
        self.second = second
        line = DateField.line(for: second)
    }

    /// Formats the line anew if it is of another second.
    package mutating func advance(to second: Int) {
        guard second != self.second else { return }
        self = DateField(second: second)
    }

    /// The date in the only form that a sender may use, IMF-fixdate (RFC 9110, section 5.6.7): the time is Greenwich's.
    private static func line(for second: Int) -> [UInt8] {
        let second = min(max(second, moments.lowerBound), moments.upperBound)
        let (days, time) = second.quotientAndRemainder(dividingBy: 86_400)
        let date = CalendarDate(daysSinceEpoch: days)
        var line: [UInt8] = []
        line.reserveCapacity(37)
        line.append(contentsOf: "Date: \(weekdays[(days + 4) % 7]), ".utf8)
        line.append(decimal: date.day, digits: 2)
        line.append(contentsOf: " \(months[date.month - 1]) ".utf8)
        line.append(decimal: date.year, digits: 4)
        for (separator, number) in [(" ", time / 3_600), (":", time / 60 % 60), (":", time % 60)] {
            line.append(contentsOf: separator.utf8)
            line.append(decimal: number, digits: 2)
        }
        line.append(contentsOf: " GMT\r\n".utf8)
        return line
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}

/// A day of the Gregorian calendar.
private struct CalendarDate {
    let year: Int
    let month: Int
    let day: Int

    /// Counts in years that begin in March, so that a leap day is the last day of its year.
    ///
    /// - Parameter daysSinceEpoch: days since 1 January 1970, not negative.
    init(daysSinceEpoch: Int) {
        // 719,468 days lie between 1 March of the year 0 and the epoch; 400 years have 146,097.
        let (era, dayOfEra) = (daysSinceEpoch + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // From March on, months of 31 and 30 days alternate such that five of them have 153.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = 400 * era + yearOfEra + (month <= 2 ? 1 : 0)
    }
}
