/// A queue of questions, oldest first; any of them can leave.
///
/// A dictionary by place, and not an array, since thousands may leave at once.
struct WaitingLine {
    private var questions: [Int: Question] = [:]
    private var front = 0
    private var end = 0

    var count: Int { questions.count }

    /// - Returns: the place, needed to leave.
    mutating func append(_ question: Question) -> Int {
        questions[end] = question
        end += 1
        return end - 1
    }

    mutating func remove(at place: Int) {
        questions[place] = nil
    }

    mutating func popFirst() -> Question? {
        while front < end {
            front += 1
            if let question = questions.removeValue(forKey: front - 1) { return question }
        }
        return nil
    }
}
