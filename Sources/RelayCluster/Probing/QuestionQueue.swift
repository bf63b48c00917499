internal import NIOCore

/// The questions to one sibling that have not left yet: those of broken connections first, then hints, then searches.
///
/// Those that nobody waits for any more leave it unseen.
struct QuestionQueue {
    private var returned = CircularBuffer<SiblingQuestion>()
    private var hints = CircularBuffer<SiblingQuestion>()
    private var searches = CircularBuffer<SiblingQuestion>()

    mutating func add(_ question: SiblingQuestion) {
        switch question.purpose {
        case .hint: hints.append(question)
        case .search: searches.append(question)
        }
    }

    /// Takes back one whose connection has ended before the answer.
    mutating func takeBack(_ question: SiblingQuestion) {
        returned.append(question)
    }

    /// The next question to send.
    mutating func next() -> SiblingQuestion? {
        QuestionQueue.next(in: &returned) ?? QuestionQueue.next(in: &hints) ?? QuestionQueue.next(in: &searches)
    }

    /// True if somebody waits for a question that has not left.
    var isEmpty: Bool {
        mutating get {
            QuestionQueue.dropEnded(in: &returned)
            QuestionQueue.dropEnded(in: &hints)
            QuestionQueue.dropEnded(in: &searches)
            return returned.isEmpty && hints.isEmpty && searches.isEmpty
        }
    }

    /// Takes all questions out.
    mutating func takeAll() -> [SiblingQuestion] {
        let all = Array(returned) + Array(hints) + Array(searches)
        self = QuestionQueue()
        return all.filter(\.isOpen)
    }

    private static func next(in questions: inout CircularBuffer<SiblingQuestion>) -> SiblingQuestion? {
        dropEnded(in: &questions)
        return questions.popFirst()
    }

    private static func dropEnded(in questions: inout CircularBuffer<SiblingQuestion>) {
        while let first = questions.first, !first.isOpen { questions.removeFirst() }
    }
}
