import RelayCore
import Testing

@testable import RelayCluster

@Suite("Questions that wait for a connection")
struct QuestionQueueTests {
    static func question(_ number: UInt64, _ purpose: SiblingQuestion.Purpose) -> SiblingQuestion {
        SiblingQuestion(ClusterUnderTest.code(number), purpose)
    }

    static func drain(_ queue: inout QuestionQueue) -> [UInt64] {
        var numbers: [UInt64] = []
        while let question = queue.next() { numbers.append(question.code.number) }
        return numbers
    }

    @Test("those of broken connections go first, then hints, then searches, each in their order")
    func order() {
        var queue = QuestionQueue()
        for number: UInt64 in 1...3 { queue.add(Self.question(number, .search)) }
        for number: UInt64 in 4...6 { queue.add(Self.question(number, .hint)) }
        for number: UInt64 in 7...8 { queue.takeBack(Self.question(number, .search)) }
        #expect(Self.drain(&queue) == [7, 8, 4, 5, 6, 1, 2, 3])
    }

    @Test("those that nobody waits for are not sent")
    func ended() {
        var queue = QuestionQueue()
        let questions = (UInt64(1)...6).map { Self.question($0, $0 < 4 ? .search : .hint) }
        for question in questions { queue.add(question) }
        for index in [0, 2, 4] { questions[index].end(.cancelled) }
        #expect(Self.drain(&queue) == [4, 6, 2])
        queue.add(questions[0])
        let isEmpty = queue.isEmpty
        #expect(isEmpty)
    }

    @Test("all that somebody waits for can be taken out at once")
    func all() {
        var queue = QuestionQueue()
        let questions = (UInt64(1)...4).map { Self.question($0, .search) }
        for question in questions { queue.add(question) }
        questions[1].end(.cancelled)
        #expect(queue.takeAll().map(\.code.number) == [1, 3, 4])
        #expect(Self.drain(&queue) == [])
    }

    @Test("an outcome is told once, and what follows from it after that")
    func outcome() {
        var told: [String] = []
        let question = Self.question(1, .hint)
        question.onEnd = { told.append("\($0)") }
        question.onSettled = { told.append("settled") }
        question.end(.found)
        question.end(.notFound)
        #expect(told == ["found", "settled"] && !question.isOpen)
    }
}
