internal import NIOCore

/// What can go wrong in the search for rooms, by the kinds that are warned of separately.
enum Warning: CaseIterable {
    case machineList
    case address
    case probe
    case silence
    case refusal
}

/// Lets one warning of each kind through in an interval, and counts the others.
struct WarningThrottle {
    private let interval: TimeAmount
    private var kinds: [Warning: (next: NIODeadline, leftOut: Int)] = [:]

    init(interval: TimeAmount) {
        self.interval = interval
    }

    /// How many of this kind were left out since the last that was logged; nil if this one is to be left out too.
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
