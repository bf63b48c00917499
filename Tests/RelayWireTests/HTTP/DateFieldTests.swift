import Foundation
import Testing

@testable import RelayWire

@Suite("The date of a response")
struct DateFieldTests {
    private static func text(_ field: DateField) -> String { String(decoding: field.line, as: UTF8.self) }

    @Test(
        "a moment is written as RFC 9110 has it",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (86_399, "Thu, 01 Jan 1970 23:59:59 GMT"), (86_400, "Fri, 02 Jan 1970 00:00:00 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (1_709_251_200, "Fri, 01 Mar 2024 00:00:00 GMT"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ])
    func format(second: Int, text: String) {
        #expect(Self.text(DateField(second: second)) == "Date: \(text)\r\n")
    }

    @Test("a clock that is out of all bounds still gives a date", arguments: [Int.min, -1, 253_402_300_800, Int.max])
    func bounds(second: Int) {
        #expect(Self.text(DateField(second: second)).utf8.count == 37)
    }

    @Test("every day of four centuries is the one of the calendar")
    func calendar() throws {
        var gregorian = Calendar(identifier: .gregorian)
        gregorian.timeZone = try #require(TimeZone(identifier: "GMT"))
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        for day in 0..<146_097 {
            let second = day * 86_400 + day % 86_400
            let moment = Date(timeIntervalSince1970: TimeInterval(second))
            let parts = gregorian.dateComponents([.year, .month, .day, .weekday], from: moment)
            let (year, month) = (try #require(parts.year), try #require(parts.month))
            let (number, weekday) = (try #require(parts.day), try #require(parts.weekday))
            let expected = "\(weekdays[weekday - 1]), \(number < 10 ? "0" : "")\(number) \(months[month - 1]) \(year) "
            let field = DateField(second: second)
            guard Self.text(field).hasPrefix("Date: \(expected)") else {
                Issue.record("\(Self.text(field)) is not \(expected)")
                return
            }
        }
    }

    @Test("it is formatted anew only when the second changes, and goes back with the clock")
    func advances() {
        var field = DateField(second: 784_111_777)
        let first = field
        field.advance(to: 784_111_777)
        #expect(sameStorage(field.line, first.line))
        field.advance(to: 784_111_778)
        #expect(Self.text(field) == "Date: Sun, 06 Nov 1994 08:49:38 GMT\r\n")
        field.advance(to: 784_111_777)
        #expect(field.line == first.line)
    }

    private func sameStorage(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        unsafe left.withUnsafeBytes { one in unsafe right.withUnsafeBytes { unsafe one.baseAddress == $0.baseAddress } }
    }
}
