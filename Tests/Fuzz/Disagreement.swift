/// The reason why a fuzzed input is a finding. The fuzzers and the tests that replay the corpora have links to it.
struct Disagreement: Error, CustomStringConvertible {
    let description: String

    static func unless(_ isRight: Bool, _ words: @autoclosure () -> String) throws(Disagreement) {
        if !isRight { throw Disagreement(description: words()) }
    }
}
