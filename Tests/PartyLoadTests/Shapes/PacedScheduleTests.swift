import Testing

@testable import party_load

@Suite("The schedule of an open loop")
struct PacedScheduleTests {
    @Test("the messages of a sender are one period apart, and the phases of all senders are spread evenly")
    func phases() {
        let schedule = PacedSchedule(start: 1_000, rate: 20, senders: 5)
        for sender in 0..<5 {
            for message in 0..<40 {
                let due = schedule.due(message, of: sender)
                let expected = 1_000 + UInt64(message) * 50_000_000 + UInt64(sender) * 10_000_000
                #expect(max(due, expected) - min(due, expected) <= 1)
                #expect(due == schedule.due(message * 5 + sender))
            }
        }
    }

    @Test("it does not drift in a day")
    func day() {
        let schedule = PacedSchedule(start: 0, rate: 20, senders: 800)
        let due = schedule.due(20 * 86_400, of: 0)
        #expect(max(due, 86_400_000_000_000) - min(due, 86_400_000_000_000) < 1_000)
    }

    @Test("its times never go back", arguments: [1, 3, 7, 799])
    func order(senders: Int) {
        let schedule = PacedSchedule(start: 5, rate: 19.7, senders: senders)
        var last: UInt64 = 0
        for message in 0..<10_000 {
            let due = schedule.due(message)
            #expect(due >= last)
            last = due
        }
    }
}
