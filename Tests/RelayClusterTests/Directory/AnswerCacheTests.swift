import NIOCore
import Testing

@testable import RelayCluster

@Suite("The cached answer for a DNS name")
struct AnswerCacheTests {
    enum Advice: Equatable {
        case use([Int]?)
        case wait(starts: Bool, patience: Int64?)
    }

    /// A cache on a clock of milliseconds.
    struct Clocked {
        var cache = AnswerCache<[Int]>(times: AnswerCacheTimes(), isDoubtful: \.isEmpty)

        static func at(_ milliseconds: Int64) -> NIODeadline {
            .uptimeNanoseconds(1_000_000_000) + .milliseconds(milliseconds)
        }

        mutating func ask(_ time: Int64, _ freshness: Freshness = .usual) -> Advice {
            switch cache.ask(freshness, now: Self.at(time)) {
            case .use(let answer): .use(answer)
            case .wait(let starts, let patience):
                .wait(starts: starts, patience: patience.map { ($0 - Self.at(0)).nanoseconds / 1_000_000 })
            }
        }

        mutating func answered(_ answer: [Int], _ time: Int64) { cache.answered(answer, now: Self.at(time)) }
        mutating func failed(_ time: Int64) { cache.failed(now: Self.at(time)) }
    }

    @Test("the first caller starts the query, and others wait for it")
    func oneQuery() {
        var clocked = Clocked()
        #expect(clocked.ask(0) == .wait(starts: true, patience: nil))
        for time: Int64 in 0..<10 { #expect(clocked.ask(time) == .wait(starts: false, patience: nil)) }
    }

    @Test("an answer is valid for five seconds")
    func fresh() {
        var clocked = Clocked()
        _ = clocked.ask(0)
        clocked.answered([7], 100)
        #expect(clocked.ask(100) == .use([7]))
        #expect(clocked.ask(5_099) == .use([7]))
        #expect(clocked.ask(5_100) == .wait(starts: true, patience: 5_350))
    }

    @Test("an empty answer is valid for one second, and nothing stands in for it")
    func empty() {
        var clocked = Clocked()
        _ = clocked.ask(0)
        clocked.answered([7], 0)
        _ = clocked.ask(5_000)
        clocked.answered([], 5_000)
        #expect(clocked.ask(5_999) == .use([]))
        #expect(clocked.ask(6_000) == .wait(starts: true, patience: nil))
        clocked.failed(6_001)
        #expect(clocked.ask(6_002) == .use(nil))
    }

    @Test("a failure is remembered for one second")
    func failure() {
        var clocked = Clocked()
        _ = clocked.ask(0)
        clocked.failed(100)
        #expect(clocked.ask(1_099) == .use(nil))
        #expect(clocked.ask(1_100) == .wait(starts: true, patience: nil))
    }

    @Test("a failure that nobody waited for is not remembered")
    func unawaitedFailure() {
        var clocked = Clocked()
        _ = clocked.ask(0)
        clocked.cache.failed(isAwaited: false, now: Clocked.at(100))
        #expect(clocked.ask(100) == .wait(starts: true, patience: nil))
        clocked.answered([7], 200)
        _ = clocked.ask(6_000)
        clocked.cache.failed(isAwaited: false, now: Clocked.at(6_100))
        #expect(clocked.ask(6_100) == .wait(starts: true, patience: 6_100))
    }

    @Test("the last good answer stands in for failures, until it is an hour old")
    func standsInForFailures() {
        var clocked = Clocked()
        _ = clocked.ask(0)
        clocked.answered([7], 0)
        for (time, patience): (Int64, Int64) in [(5_000, 250), (6_100, 0), (3_599_000, 0)] {
            #expect(clocked.ask(time) == .wait(starts: true, patience: time + patience))
            clocked.failed(time + 100)
            #expect(clocked.ask(time + 101) == .use([7]))
        }
        #expect(clocked.ask(3_599_999) == .use([7]))
        #expect(clocked.ask(3_600_000) == .use(nil))
        #expect(clocked.ask(3_600_100) == .wait(starts: true, patience: nil))
    }

    @Test("callers together wait only briefly for a slow query if there is a last good answer")
    func standsInForSlowness() {
        var clocked = Clocked()
        _ = clocked.ask(0)
        clocked.answered([7], 0)
        #expect(clocked.ask(6_000) == .wait(starts: true, patience: 6_250))
        #expect(clocked.ask(6_200) == .wait(starts: false, patience: 6_250))
        #expect(clocked.ask(6_250) == .use([7]))
        #expect(clocked.ask(8_000) == .use([7]))
        clocked.answered([8], 9_000)
        #expect(clocked.ask(9_001) == .use([8]))
    }

    @Test("before a final no an answer older than half a second is asked for again, but only once a second")
    func beforeFinalNo() {
        var clocked = Clocked()
        _ = clocked.ask(0)
        clocked.answered([7], 10)
        #expect(clocked.ask(509, .beforeFinalNo) == .use([7]))
        // Older, but the last query began less than a second ago.
        #expect(clocked.ask(999, .beforeFinalNo) == .use([7]))
        #expect(clocked.ask(1_000, .beforeFinalNo) == .wait(starts: true, patience: 1_250))
        #expect(clocked.ask(1_001, .beforeFinalNo) == .wait(starts: false, patience: 1_250))
        #expect(clocked.ask(1_002) == .use([7]))
        #expect(clocked.ask(1_250, .beforeFinalNo) == .use([7]))
        clocked.answered([8], 1_400)
        #expect(clocked.ask(1_401) == .use([8]))
        #expect(clocked.ask(1_899, .beforeFinalNo) == .use([8]))
        // The last one began a second ago.
        #expect(clocked.ask(2_000, .beforeFinalNo) == .wait(starts: true, patience: 2_250))
    }

    @Test("before a final no, an answer that is in hand outlives a query that fails", arguments: [[7], []])
    func failsBeforeFinalNo(answer: [Int]) {
        var clocked = Clocked()
        _ = clocked.ask(0)
        clocked.answered(answer, 100)
        #expect(clocked.ask(1_050, .beforeFinalNo) == .wait(starts: true, patience: 1_300))
        clocked.failed(1_060)
        #expect(clocked.ask(1_061) == .use(answer))
        #expect(clocked.ask(1_062, .beforeFinalNo) == .use(answer))
        #expect(clocked.ask(2_050, .beforeFinalNo) == .wait(starts: true, patience: answer.isEmpty ? nil : 2_300))
    }

    @Test("before a final no, without an answer the failure counts for a second")
    func failedBeforeFinalNo() {
        var clocked = Clocked()
        #expect(clocked.ask(0, .beforeFinalNo) == .wait(starts: true, patience: nil))
        clocked.failed(100)
        #expect(clocked.ask(999, .beforeFinalNo) == .use(nil))
        #expect(clocked.ask(1_000, .beforeFinalNo) == .wait(starts: true, patience: nil))
        clocked.failed(1_001)
        #expect(clocked.ask(1_002) == .use(nil))
    }
}
