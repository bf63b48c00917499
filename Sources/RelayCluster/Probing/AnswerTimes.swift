internal import NIOCore

/// The usual time of a sibling's answers: a smoothed mean and deviation, as TCP keeps them for its retransmissions (RFC
/// 6298).
struct AnswerTimes {
    /// The bounds of a wait that follows the usual time.
    struct Bounds: Sendable {
        var least: TimeAmount
        var most: TimeAmount

        func clamp(_ nanoseconds: Int64) -> TimeAmount {
            .nanoseconds(min(max(nanoseconds, least.nanoseconds), most.nanoseconds))
        }
    }

    /// Beyond this many times its patience a sibling's silence is suspicious.
    private static let patiencesOfSilence: Int64 = 10

    private let patienceBounds: Bounds
    private let silenceBounds: Bounds
    private var mean: Int64?
    private var deviation: Int64 = 0

    init(patience: Bounds, silence: Bounds) {
        patienceBounds = patience
        silenceBounds = silence
    }

    mutating func observe(_ time: TimeAmount) {
        let time = time.nanoseconds
        guard let mean else {
            (self.mean, deviation) = (time, time / 2)
            return
        }
        deviation += (abs(time - mean) - deviation) / 4
        self.mean = mean + (time - mean) / 8
    }

    /// The time after which others are asked too. Before the first answer it is the longest.
    var patience: TimeAmount {
        guard let mean else { return patienceBounds.most }
        return patienceBounds.clamp(mean + 4 * deviation)
    }

    /// The silence after which the sibling is a suspect.
    var silence: TimeAmount {
        silenceBounds.clamp(patience.nanoseconds.multipliedReportingOverflow(by: Self.patiencesOfSilence).partialValue)
    }
}
