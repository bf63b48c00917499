import Testing

@testable import party_load

@Suite("A window of messages")
struct WindowedFlowTests {
    @Test("no more messages than the window are in flight, and a finished one makes room")
    func window() {
        var flow = WindowedFlow(window: 4, receivers: 1)
        #expect(flow.fill(at: 10) == 4)
        #expect(flow.fill(at: 20) == 0)
        var sentAt: [UInt64] = []
        let first = flow.arrived(0..<1) { sentAt.append($0) }
        #expect(first)
        #expect(flow.fill(at: 30) == 1)
        let rest = flow.arrived(1..<5) { sentAt.append($0) }
        #expect(rest)
        #expect(sentAt == [10, 10, 10, 10, 30])
        #expect(flow.outstanding == 0)
        #expect(flow.sent == 5)
    }

    @Test("a message is finished when the last receiver has it")
    func receivers() {
        var flow = WindowedFlow(window: 2, receivers: 3)
        _ = flow.fill(at: 7)
        var finished = 0
        for arrived in [0..<2, 0..<1, 0..<1, 1..<2] {
            let isSound = flow.arrived(arrived) { _ in finished += 1 }
            #expect(isSound)
        }
        #expect(finished == 1)
        #expect(flow.outstanding == 1)
        let isSound = flow.arrived(1..<2) { _ in finished += 1 }
        #expect(isSound)
        #expect(finished == 2)
    }

    @Test("the arrival of a message that is not in flight is refused", arguments: [0..<3, 2..<3, 5..<6])
    func tooMany(numbers: Range<Int>) {
        var flow = WindowedFlow(window: 2, receivers: 1)
        _ = flow.fill(at: 1)
        let isSound = flow.arrived(numbers) { _ in }
        #expect(!isSound)
    }

    @Test("the second arrival of a finished message is refused")
    func again() {
        var flow = WindowedFlow(window: 2, receivers: 1)
        _ = flow.fill(at: 1)
        let first = flow.arrived(0..<1) { _ in }
        let second = flow.arrived(0..<1) { _ in }
        #expect(first)
        #expect(!second)
    }
}
