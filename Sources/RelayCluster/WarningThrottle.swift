internal import NIOCore

/// The kinds of failures that are throttled separately.
enum Warning: CaseIterable {
    case machineList
    case address
    case probe
    case silence
    case refusal
}

/// Admits one warning of each kind per interval, and counts the others.
struct WarningThrottle {
    private let interval: TimeAmount
    private var kinds: [Warning: (next: NIODeadline, leftOut: Int)] = [:]

    init(interval: TimeAmount) {
        self.interval = interval
    }

    /// Returns the number of warnings suppressed since the last one logged; nil if this one must be suppressed too.
    mutating func admit(_ kind: Warning, now: NIODeadline) -> Int? {
        if let state = kinds[kind], now < state.next {
            kinds[kind] = (state.next, state.leftOut + 1)
            return nil
        }
        let leftOut = kinds[kind]?.leftOut ?? 0
        kinds[kind] = (now + interval, 0)
        return leftOut
    }
}
