import NIOCore
import Testing

@testable import RelayCluster

@Suite("The usual time of a sibling")
struct AnswerTimesTests {
    static func times(_ milliseconds: [Int64]) -> AnswerTimes {
        let limits = ClusterLimits()
        var times = AnswerTimes(patience: limits.patience, silence: limits.silence)
        for milliseconds in milliseconds { times.observe(.milliseconds(milliseconds)) }
        return times
    }

    @Test("before its first answer the patience with it is the longest")
    func unknown() {
        #expect(Self.times([]).patience == .milliseconds(100))
        #expect(Self.times([]).silence == .seconds(1))
    }

    @Test(
        "the patience is the mean and four deviations, between 5 and 100 ms",
        arguments: [
            // The first answer counts as mean, and half of it as deviation.
            ([10], 30_000), ([1], 5_000), ([50], 100_000),
            // deviation 5 + (0 - 5) / 4, mean 10
            ([10, 10], 25_000),
            // deviation 5 + (10 - 5) / 4 = 6.25, mean 10 + 10 / 8 = 11.25
            ([10, 20], 36_250),
        ] as [([Int64], Int64)])
    func patience(answers: [Int64], microseconds: Int64) {
        #expect(Self.times(answers).patience == .microseconds(microseconds))
    }

    @Test("steady answers leave no more patience than they take")
    func steady() {
        let patience = Self.times(Array(repeating: 20, count: 200)).patience
        #expect((TimeAmount.milliseconds(20)...TimeAmount.milliseconds(21)).contains(patience))
    }

    @Test(
        "silence is suspicious after ten times that, between a quarter of a second and a second",
        arguments: [([1], 250), ([10], 300), ([50], 1_000)] as [([Int64], Int64)])
    func silence(answers: [Int64], milliseconds: Int64) {
        #expect(Self.times(answers).silence == .milliseconds(milliseconds))
    }
}
